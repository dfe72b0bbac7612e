import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { absent, errorCode } from './file-errors.ts';

/** Longer than any turn takes; the number of a process that died in its turn may belong to another by now. */
const longestTurnMs = 10_000;

/**
 * A short time in which no other process on this machine does the same, marked by a file that holds the number of the
 * process. Undefined when another has its turn.
 */
export async function takeTurn(file: string): Promise<AsyncDisposable | undefined> {
  const mine = `${file}.${randomUUID().slice(0, 8)}`;
  // Written under another name first, so that nobody reads it half written.
  await writeFile(mine, String(process.pid));
  try {
    await link(mine, file);
    return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if (await isOver(file)) await endTurn(file);
    return undefined;
  } finally {
    await rm(mine);
  }
}

async function isOver(file: string): Promise<boolean> {
  const [text, found] = await Promise.all([readFile(file, 'utf8').catch(absent), stat(file).catch(absent)]);
  if (text === undefined || !found) return false;
  return !isAlive(Number(text)) || Date.now() - found.mtimeMs > longestTurnMs;
}

/** Takes the mark of a dead process away, unless it has become a living one's meanwhile. */
async function endTurn(file: string): Promise<void> {
  const aside = `${file}.${randomUUID().slice(0, 8)}`;
  if (!(await rename(file, aside).then(() => true, absent))) return;
  if (!(await isOver(aside))) {
    await link(aside, file).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
  await rm(aside);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
