import { setTimeout as wait } from 'node:timers/promises';
import type { Graph } from '../../nodes/graph.ts';
import type { RunOutcome } from '../../server/engine/run.ts';
import { type ExecutorWork, serve } from '../../server/executor/serve.ts';

/**
 * A child of the executor in which a node does what its title says: "wait" for a stop, "block" the thread for a minute
 * or "block briefly" without looking up (as a network that computes), "abort" and "exit 3" end the process, and anything else ends at once.
 */
const work: ExecutorWork = {
  async run(graph, _targets, { signal, emit }): Promise<RunOutcome> {
    const count = { ran: 0, cached: 0 };
    emit({ type: 'run-start', nodes: Object.keys(graph.nodes).length });
    for (const [node, { title }] of Object.entries(graph.nodes)) {
      emit({ type: 'node-start', node });
      if (signal.aborted || !(await act(title, signal))) {
        const outcome = { outcome: 'stopped' as const, ms: 1, ...count };
        emit({ type: 'run-end', ...outcome });
        return outcome;
      }
      count.ran += 1;
      emit({ type: 'node-end', node, outputs: { seed: 2n ** 60n }, cached: false, ms: 1 });
    }
    const outcome = { outcome: 'done' as const, ms: 1, ...count };
    emit({ type: 'run-end', ...outcome });
    return outcome;
  },
  async plan(graph: Graph) {
    if (Object.keys(graph.nodes).length === 0) throw new RangeError('There is nothing to run.');
    return [];
  },
  models: async () => [{ id: process.argv[2] ?? '', kind: 'upscaler', title: 'Fake', bytes: 1, bundled: false }],
};

async function act(title: string | undefined, signal: AbortSignal): Promise<boolean> {
  // Gives the events sent so far the time to leave before the thread is blocked or the process ends.
  await wait(20);
  if (title === 'abort') process.abort();
  if (title === 'exit 3') process.exit(3);
  if (title === 'block briefly') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  if (title === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  if (title === 'wait') await wait(60_000, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

serve(work);
