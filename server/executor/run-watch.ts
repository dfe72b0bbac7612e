import { definitionOf } from '../../nodes/catalog.ts';
import type { Lane } from '../../nodes/define-node.ts';
import type { Graph } from '../../nodes/graph.ts';
import { titleOf } from '../../nodes/problems.ts';
import type { RunEvent } from '../engine/events.ts';
import type { RunOutcome } from '../engine/run.ts';

export interface RunningNode {
  readonly node: string;
  readonly title: string;
  readonly lane: Lane | undefined;
}

/** What the parent knows of a run from its events alone, for when the child can no longer say it. */
export interface RunWatch {
  readonly hear: (event: RunEvent) => void;
  /** The node that most likely ended the process: one on the GPU lane before any other. */
  running(): RunningNode | undefined;
  /** Says that the run was stopped, in place of a process that was ended for it. */
  endAsStopped(): RunOutcome;
}

/** Follows one run and passes its events on. */
export function watchRun(graph: Graph, emit: (event: RunEvent) => void): RunWatch {
  const started = performance.now();
  const running = new Set<string>();
  const count = { ran: 0, cached: 0 };
  const lane = (node: string) => definitionOf(graph.nodes[node]?.type ?? '')?.lane;
  return {
    hear(event) {
      if (event.type === 'node-start') running.add(event.node);
      if (event.type === 'node-end' || event.type === 'node-fail') running.delete(event.node);
      if (event.type === 'node-end') count[event.cached ? 'cached' : 'ran'] += 1;
      emit(event);
    },
    running() {
      const node = [...running].find((id) => lane(id) === 'gpu') ?? [...running][0];
      const drawn = node === undefined ? undefined : graph.nodes[node];
      return node === undefined || !drawn ? undefined : { node, title: titleOf(drawn), lane: lane(node) };
    },
    endAsStopped() {
      const ms = Math.round(performance.now() - started);
      const outcome = { outcome: 'stopped' as const, ms, ...count };
      emit({ type: 'run-end', ...outcome });
      return outcome;
    },
  };
}
