import type { RunEvent } from '../../server/engine/events.ts';
import type { RunOutcome } from '../../server/engine/run.ts';
import type { RunOptions, RunRequest } from '../../server/executor/supervisor.ts';

/** What a fake executor does with a run. It emits what it likes and says how the run ended, or throws as the real one does. */
export type Script = (run: RunRequest & RunOptions & { readonly visit: number }) => Promise<RunOutcome>;

/** An executor inside the test. `visit` counts from 1 how often the same run was given to it. */
export function scriptedExecutor(script: Script) {
  const visits = new Map<string, number>();
  return {
    visits,
    run(request: RunRequest, options: RunOptions): Promise<RunOutcome> {
      const visit = (visits.get(request.id) ?? 0) + 1;
      visits.set(request.id, visit);
      return script({ ...request, ...options, visit });
    },
  };
}

/** Ends every node at once. */
export const quickly: Script = async ({ graph, emit, signal }) => {
  const nodes = Object.keys(graph.nodes);
  emit({ type: 'run-start', nodes: nodes.length });
  for (const node of nodes) {
    emit({ type: 'node-start', node });
    emit({ type: 'node-end', node, outputs: {}, cached: false, ms: 1 });
  }
  return end(emit, signal.aborted ? 'stopped' : 'done', nodes.length);
};

/** Starts the first node and then waits to be stopped. */
export const untilStopped: Script = async ({ graph, emit, signal }) => {
  const [node = ''] = Object.keys(graph.nodes);
  emit({ type: 'run-start', nodes: 1 });
  emit({ type: 'node-start', node });
  await new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', resolve, { once: true });
  });
  return end(emit, 'stopped', 0);
};

/** The last event of a run, and its outcome. */
export function end(emit: (event: RunEvent) => void, outcome: RunOutcome['outcome'], ran: number): RunOutcome {
  const result = { outcome, ms: 1, ran, cached: 0 };
  emit({ type: 'run-end', ...result });
  return result;
}
