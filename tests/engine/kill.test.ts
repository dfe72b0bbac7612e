import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readEntry } from '../../server/engine/cache-entry.ts';
import { sha256 } from '../../server/engine/canonical.ts';
import { fakeMachine, graphOf, run, temporaryFolder } from '../support/machine.ts';

/** Lets a child compute until it has finished so many results, and kills it at whatever it does then. */
async function killAfter(folder: string, results: number): Promise<number[]> {
  const script = path.resolve(import.meta.dirname, '../support/writing-child.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString();
    if (said.split('\n').length > results) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return said.split('\n').filter(Boolean).map(Number);
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

test('what a killed process had finished is whole, and nothing else is taken for a result', async () => {
  const folder = temporaryFolder();
  const finished = [
    ...(await killAfter(folder, 3)),
    ...(await killAfter(folder, 40)),
    ...(await killAfter(folder, 41)),
  ];

  const { machine } = fakeMachine({ folder });
  for (const shade of new Set(finished)) {
    const { cached } = await run(graphOf({ p: ['painted', { shade }] }), machine);
    expect(cached, `shade ${shade}`).toEqual(['p']);
  }
  for (const file of filesIn(path.join(folder, 'cache')).filter((name) => /[0-9a-f]{64}\.json$/.test(name))) {
    expect(readEntry(readFileSync(file, 'utf8')), file).toBeDefined();
  }
  for (const file of filesIn(path.join(folder, 'content')).filter((name) => !name.includes('.part'))) {
    const content = readFileSync(file);
    expect(path.basename(file)).toBe(sha256(content));
  }
});
