import type { Graph } from '../../nodes/graph.ts';
import { problemsIn } from '../../nodes/problems.ts';
import { InvalidGraphError, NodeError } from './errors.ts';
import type { RunEvent } from './events.ts';
import { carryOut, type NodeEnd, type Surroundings } from './execute.ts';
import type { PortValue } from './items.ts';
import type { Machine } from './machine.ts';
import { walk } from './walk.ts';
import { type WiredNode, type Wiring, wire } from './wiring.ts';

export interface RunRequest {
  readonly graph: Graph;
  /** Nodes whose results are wanted; the graph's output nodes where it is left out. */
  readonly targets?: readonly string[] | undefined;
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** Hears everything in order; must not throw. */
  readonly emit: (event: RunEvent) => void;
}

/** How a run ended; the same as its last event says. */
export type RunOutcome = Omit<Extract<RunEvent, { type: 'run-end' }>, 'type'>;

/**
 * Runs a graph to its end and resolves once nothing of it is held any more, stopped or failed runs too. Rejects with
 * `InvalidGraphError` before the first event when the graph has errors.
 */
export async function runGraph({ graph, targets, machine, signal, emit }: RunRequest): Promise<RunOutcome> {
  const wiring = await wireChecked(graph, targets, machine);
  const now = machine.now ?? (() => performance.now());
  const begun = now();
  const ends = new Map<string, NodeEnd>();
  const count = { ran: 0, cached: 0 };
  let failure: string | undefined;
  using held = machine.cache.hold();
  const surroundings: Surroundings = { machine, signal, emit, now, hold: held.add };

  async function work(node: WiredNode): Promise<'ended' | 'failed' | 'stopped'> {
    try {
      const end = await carryOut(node, arrivingAt(node, ends), surroundings);
      ends.set(node.id, end);
      count[end.cached ? 'cached' : 'ran'] += 1;
      emit(endEvent(node.id, end));
      return 'ended';
    } catch (cause) {
      if (signal.aborted) return 'stopped';
      const { message } = new NodeError(node.id, node.title, cause);
      failure ??= message;
      emit({ type: 'node-fail', node: node.id, message });
      return 'failed';
    }
  }
  const skip = (node: string, reason: string) => emit({ type: 'node-skip', node, reason });

  emit({ type: 'run-start', nodes: wiring.nodes.size + wiring.skipped.size });
  for (const [node, reason] of wiring.skipped) skip(node, reason);
  const stopped = await walk(wiring, signal, { work, skip });
  const outcome: RunOutcome = {
    outcome: stopped ? 'stopped' : failure === undefined ? 'done' : 'failed',
    ms: Math.round(now() - begun),
    ...count,
    ...(failure !== undefined && { message: failure }),
  };
  emit({ type: 'run-end', ...outcome });
  return outcome;
}

/** The graph as it will run. Rejects with `InvalidGraphError` when it has errors. */
export async function wireChecked(
  graph: Graph,
  targets: readonly string[] | undefined,
  { catalog, facts }: Machine,
): Promise<Wiring> {
  const problems = problemsIn(graph, { ...(await facts()), catalog, ...(targets && { targets }) });
  if (problems.some((problem) => problem.severity === 'error')) throw new InvalidGraphError(problems);
  return wire(graph, catalog, targets);
}

/** What the ended sources of a node send to its ports. */
export function arrivingAt(
  { wires }: WiredNode,
  ends: ReadonlyMap<string, Pick<NodeEnd, 'outputs' | 'digests'>>,
): Map<string, PortValue> {
  const arriving = new Map<string, PortValue>();
  for (const { port, source, output } of wires) {
    const end = ends.get(source);
    const digest = end?.digests[output];
    // An optional output that the node did not make is the same as no edge.
    if (end && digest !== undefined) arriving.set(port, { value: end.outputs[output], digest });
  }
  return arriving;
}

function endEvent(node: string, { outputs, cached, ms, warnings }: NodeEnd): RunEvent {
  const said = warnings.length > 0 ? { warnings } : undefined;
  return { type: 'node-end', node, outputs, cached, ms: Math.round(ms), ...said };
}
