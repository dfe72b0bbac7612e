import { type Graph, readGraph } from '../../nodes/graph.ts';
import { titleOf } from '../../nodes/problems.ts';
import type { RunEvent } from '../engine/events.ts';
import type { RunOutcome } from '../engine/run.ts';
import type { Ending } from '../store/leases.ts';
import type { RunRow } from '../store/runs.ts';
import { type RunProgress, runningIn } from './progress.ts';

/** How often a run is begun before it is given up: a process that died may have been the run's doing. */
const mostAttempts = 2;

/** A run that came to its end in the executor. */
export function endingOf({ outcome, ...rest }: RunOutcome): Ending {
  return { state: outcome, error: rest.message, events: [{ type: 'run-end', outcome, ...rest }] };
}

/** A run that someone stopped and that did not come to say so itself. */
export function stoppedEnding({ ran, cached }: RunProgress): Ending {
  return { state: 'stopped', events: [{ type: 'run-end', outcome: 'stopped', ms: 0, ran, cached }] };
}

/** A run that cannot go on. Where a node is to blame, it is named and told first. */
export function failedEnding({ ran, cached }: RunProgress, message: string, node?: string): Ending {
  const end: RunEvent = { type: 'run-end', outcome: 'failed', ms: 0, ran, cached, message };
  return {
    state: 'failed',
    error: message,
    events: node === undefined ? [end] : [{ type: 'node-fail', node, message }, end],
  };
}

/** A run whose process died: once more from the cache, then it fails and names the node that was at work. */
export function endingAfterDeath(
  { attempt, graph }: { attempt: number; graph: Graph },
  progress: RunProgress,
  { node, how }: { node: string | undefined; how: string },
): Ending {
  if (attempt < mostAttempts) return { state: 'queued', attempt: attempt + 1 };
  const drawn = node === undefined ? undefined : graph.nodes[node];
  const where = drawn ? ` while running ${titleOf(drawn)}` : '';
  const advice = drawn ? 'Try a smaller picture or another model there' : 'Start the run again';
  return failedEnding(progress, `${how}${where}, ${mostAttempts} times in a row. ${advice}.`, drawn && node);
}

/** A run whose worker host is not there any more, from what is written down of it. */
export function endingOfAbandoned({ attempt, graph, stopRequested }: RunRow, progress: RunProgress): Ending {
  if (stopRequested) return stoppedEnding(progress);
  const death = { node: runningIn(progress), how: 'Aria itself was ended' };
  return endingAfterDeath({ attempt, graph: readGraph(graph) }, progress, death);
}
