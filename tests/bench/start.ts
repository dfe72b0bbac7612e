import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import superjson from 'superjson';
import { readGraph } from '../../nodes/graph.ts';
import type { AppRouter } from '../../server/api/router.ts';
import type { BenchOptions } from './main.ts';
import { createRows } from './rows.ts';

const ended = ['done', 'failed', 'stopped'];

/**
 * From `npm start` to the first picture, in seconds: on an empty data folder, then on the same folder with its cache. Packages
 * and pages are installed and built where they are not yet; `readyS` then holds that too, so run it twice.
 */
export async function benchStart(options: BenchOptions): Promise<void> {
  const row = createRows(options);
  const folder = await mkdtemp(path.join(tmpdir(), 'aria-bench-'));
  try {
    for (const data of ['empty', 'kept']) row({ bench: 'start', data, ...(await startAndRun(folder)) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startAndRun(folder: string) {
  const port = await freePort();
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 10) / 100;
  const aria = spawn(process.execPath, ['scripts/start.mjs'], {
    env: { ...process.env, ARIA_DATA: folder, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await readyLine(aria);
    const readyS = seconds();
    const { state } = await runPortrait(`http://127.0.0.1:${port}/api/trpc`);
    if (state !== 'done') throw new Error(`Expected a finished run but it ${state}.`);
    return { readyS, pictureS: seconds() };
  } finally {
    aria.kill('SIGTERM');
    await once(aria, 'exit');
  }
}

async function runPortrait(url: string) {
  const api = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url, transformer: superjson })] });
  const graph = readGraph(await readFile('nodes/templates/portrait.json', 'utf8'));
  const { id } = await api.runs.start.mutate({ graph });
  for (;;) {
    const run = await api.runs.get.query({ run: id });
    if (ended.includes(run.state)) return run;
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

function readyLine({ stdout }: { stdout: NodeJS.ReadableStream }): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.on('data', (chunk) => String(chunk).includes('Aria is ready') && resolve());
    stdout.once('end', () => reject(new Error('Aria ended before it was ready.')));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (typeof address !== 'object' || !address) throw new Error('Expected a port.');
  return address.port;
}
