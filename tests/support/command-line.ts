import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { projectRoot } from './databases.ts';

export interface Ended {
  readonly code: number | null;
  /** The lines of standard output. */
  readonly out: readonly string[];
  /** All of standard error. */
  readonly errors: string;
  /** Whether any process that it started is still there. */
  readonly leftovers: boolean;
}

interface Surroundings {
  readonly data: string;
  /** The working directory; the data folder when left out. */
  readonly cwd?: string;
  /** Called for each line of standard output, with what presses Ctrl+C. */
  readonly heard?: (line: string, interrupt: () => void) => void;
}

/** Runs a script of the project as a person would, in a process group of its own. */
export function runScript(
  words: readonly string[],
  { data, cwd = data, heard }: Surroundings,
  more = {},
): Promise<Ended> {
  const child = spawn(process.execPath, words, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ARIA_DATA: data, NODE_OPTIONS: '', ...more },
  });
  const group = -Number(child.pid);
  const out: string[] = [];
  let rest = '';
  let errors = '';
  // Ctrl+C on a terminal reaches every process of the group.
  const interrupt = () => void process.kill(group, 'SIGINT');
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      out.push(line);
      heard?.(line, interrupt);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', async (code) => {
      resolve({ code, out: rest === '' ? out : [...out, rest], errors, leftovers: await staysAlive(group) });
    });
  });
}

/** Whether processes of the group outlive the first by more than seconds; the compiler's own needs a moment to end. */
async function staysAlive(group: number): Promise<boolean> {
  for (let tries = 0; tries < 100 && isAlive(group); tries += 1) await wait(50);
  return isAlive(group);
}

function isAlive(group: number): boolean {
  try {
    process.kill(group, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs `aria` with these words. */
export const aria = (words: readonly string[], surroundings: Surroundings): Promise<Ended> =>
  runScript([path.join(projectRoot, 'server/aria.mjs'), ...words], surroundings);
