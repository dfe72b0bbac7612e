import type { Graph } from '../../nodes/graph.ts';
import type { Expectation } from './events.ts';
import { combined, keyOf, type NodeEnd } from './execute.ts';
import { itemsOf } from './items.ts';
import type { Machine } from './machine.ts';
import { arrivingAt, wireChecked } from './run.ts';
import type { WiredNode } from './wiring.ts';

/** What a run would do with a node. */
export interface PlannedNode {
  readonly node: string;
  readonly expectation: Expectation;
  /** Milliseconds it took last: this very result where it is cached, else the last node of its type. */
  readonly ms?: number;
}

/**
 * Says for every node that a run would reach whether it is cached, will run, or cannot be told before its sources have
 * run. Executes nothing. Rejects with `InvalidGraphError` like a run.
 */
export async function plan(request: {
  graph: Graph;
  targets?: readonly string[] | undefined;
  machine: Machine;
}): Promise<PlannedNode[]> {
  const { graph, targets, machine } = request;
  const wiring = await wireChecked(graph, targets, machine);
  const known = new Map<string, NodeEnd>();
  const planned: PlannedNode[] = [];
  for (const [id, node] of wiring.nodes) {
    const sourcesKnown = node.wires.every((wire) => known.has(wire.source));
    const found = sourcesKnown && node.definition.purity !== 'effect' ? await cached(node, known, machine) : undefined;
    if (found) known.set(id, found);
    const runs = sourcesKnown || node.definition.purity === 'effect';
    const ms = found?.ms ?? machine.cache.lastMs(node.definition.type);
    const expectation = found ? 'cached' : runs ? 'run' : 'unknown';
    planned.push({ node: id, expectation, ...(ms !== undefined && { ms }) });
  }
  return planned;
}

/** The result of a node when every one of its executions is in the cache. */
async function cached(node: WiredNode, known: ReadonlyMap<string, NodeEnd>, machine: Machine) {
  const ends: NodeEnd[] = [];
  try {
    const { mapped, items } = itemsOf(node, arrivingAt(node, known));
    for (const item of items) {
      const entry = await machine.cache.lookup(await keyOf(node, item, machine.models));
      if (!entry) return undefined;
      ends.push({ ...entry, cached: true });
    }
    return combined(node.definition, mapped, ends);
  } catch {
    // What does not fit (a model that is gone, lists of unequal length) is for the run to say, in its place.
    return undefined;
  }
}
