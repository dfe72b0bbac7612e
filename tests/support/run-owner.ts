import { dataFolderAt } from '../../server/data-folder.ts';
import { createQueue } from '../../server/runs/queue.ts';
import { createRuns } from '../../server/runs/runs.ts';
import { startWorkerHost } from '../../server/runs/worker-host.ts';
import { openDatabase } from '../../server/store/database.ts';
import { createGraphs } from '../../server/store/graphs.ts';
import { projectRoot } from './databases.ts';
import { portrait } from './graphs.ts';
import { scriptedExecutor, untilStopped } from './scripted-executor.ts';

// A server that begins a run, accepts more and saves graphs until it is killed. Each message to the parent is something
// that was acknowledged, and must be there afterwards.
const [, , folder = '', url = ''] = process.argv;
const database = await openDatabase({ dataFolder: dataFolderAt(folder), projectRoot, ...(url && { url }) });
const queue = await createQueue(database);
const graphs = createGraphs(database);
const runs = await createRuns({ database, queue, graphs, facts: () => ({}) });
await startWorkerHost({ database, queue, executor: scriptedExecutor(untilStopped), heartbeatMs: 100 });

const first = await runs.start({ graph: portrait() });
for await (const { event } of runs.follow(first.id, 0, new AbortController().signal)) {
  if (event.type === 'node-start') break;
}
process.send?.({ running: first.id });
for (let count = 0; ; count++) {
  process.send?.({ queued: (await runs.start({ graph: portrait({ seed: count }) })).id });
  process.send?.({ saved: (await graphs.save({ graph: portrait({ seed: count }) })).id });
}
