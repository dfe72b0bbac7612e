import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { dataFolderAt } from '../../server/data-folder.ts';
import { createQueue } from '../../server/runs/queue.ts';
import { createRuns } from '../../server/runs/runs.ts';
import { startWorkerHost } from '../../server/runs/worker-host.ts';
import { openDatabase } from '../../server/store/database.ts';
import { createGraphs } from '../../server/store/graphs.ts';
import { prepareDatabase, projectRoot, temporaryFolder } from '../support/databases.ts';
import { quickly, scriptedExecutor } from '../support/scripted-executor.ts';

const acknowledgement = z.object({
  running: z.string().optional(),
  queued: z.string().optional(),
  saved: z.string().optional(),
});

/** A server in another process that is killed without warning after it has acknowledged some work. */
async function killedServer(folder: string) {
  const child = fork(path.join(import.meta.dirname, '../support/run-owner.ts'), [folder], {
    execArgv: ['--import', 'tsx'],
  });
  const known = { running: '', queued: new Set<string>(), saved: new Set<string>() };
  child.on('message', (raw) => {
    const { running, queued, saved } = acknowledgement.parse(raw);
    if (running) known.running = running;
    if (queued) known.queued.add(queued);
    if (saved) known.saved.add(saved);
  });
  while (known.saved.size < 5) await wait(20);
  child.kill('SIGKILL');
  await once(child, 'close');
  return known;
}

test('a server that is killed loses nothing it accepted, and the next one goes on with it', async () => {
  await using folder = await temporaryFolder();
  await prepareDatabase(folder.root);
  const known = await killedServer(folder.root);

  await using database = await openDatabase({ dataFolder: dataFolderAt(folder.root), projectRoot });
  const queue = await createQueue(database);
  const graphs = createGraphs(database);
  await using runs = await createRuns({ database, queue, graphs, facts: () => ({}) });
  for (const id of known.saved) expect(await graphs.get(id)).toMatchObject({ revision: 1, name: 'Portrait' });
  expect(await runs.get(known.running)).toMatchObject({
    state: 'running',
    attempt: 1,
    nodes: { words: { state: 'running' } },
  });
  const waiting = new Set((await runs.waiting()).map(({ id }) => id));
  expect([...known.queued].filter((id) => !waiting.has(id))).toEqual([]);

  const executor = scriptedExecutor(quickly);
  // So long a lease would never expire here: the owner of the embedded database need not wait for it.
  await using _host = await startWorkerHost({ database, queue, executor, leaseMs: 3_600_000 });
  const numbers: number[] = [];
  const types: string[] = [];
  for (const id of [known.running, ...waiting]) {
    for await (const { seq, event } of runs.follow(id, 0, AbortSignal.timeout(60_000))) {
      if (id !== known.running) continue;
      numbers.push(seq);
      types.push(event.type);
    }
  }
  expect(types.slice(0, 4)).toEqual(['run-start', 'node-start', 'run-start', 'node-start']);
  expect(types.at(-1)).toBe('run-end');
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  expect(await runs.get(known.running)).toMatchObject({ state: 'done', attempt: 2 });
  expect([...executor.visits].filter(([, visits]) => visits !== 1)).toEqual([]);
  expect(await runs.waiting()).toEqual([]);
  expect((await database.executeSql('select id from pgboss.job')).rows).toEqual([]);
});
