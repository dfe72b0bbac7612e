import { definitionOf } from './catalog.ts';
import type { Catalog } from './define-node.ts';
import { type Graph, nodeIn } from './graph.ts';

export interface Topology {
  /** Every node that is in no cycle and behind none, sources first. */
  readonly order: readonly string[];
  /** Circles of nodes, each in the direction of its edges. */
  readonly cycles: readonly (readonly string[])[];
}

/** An order in which every node comes after the nodes it reads from (Kahn, 1962), and the circles that forbid one. O(N + E). */
export function topologyOf(graph: Graph): Topology {
  const waiting = new Map<string, number>();
  const readers = new Map<string, string[]>();
  const sources = new Map<string, string[]>();
  for (const id of Object.keys(graph.nodes)) {
    waiting.set(id, 0);
    readers.set(id, []);
    sources.set(id, []);
  }
  for (const { from, to } of graph.edges) {
    if (!waiting.has(from[0]) || !waiting.has(to[0])) continue;
    readers.get(from[0])?.push(to[0]);
    sources.get(to[0])?.push(from[0]);
    waiting.set(to[0], (waiting.get(to[0]) ?? 0) + 1);
  }

  const order: string[] = [];
  const settled = new Set<string>();
  const ready = [...waiting].filter(([, count]) => count === 0).map(([id]) => id);
  let next = 0;
  // First come, first settled: equals keep the order in which they were drawn.
  const settle = (into: string[] | undefined) => {
    for (let id = ready[next++]; id !== undefined; id = ready[next++]) {
      if (settled.has(id)) continue;
      settled.add(id);
      into?.push(id);
      for (const reader of readers.get(id) ?? []) {
        const left = (waiting.get(reader) ?? 0) - 1;
        waiting.set(reader, left);
        if (left === 0) ready.push(reader);
      }
    }
  };
  settle(order);

  const cycles: string[][] = [];
  for (const id of waiting.keys()) {
    if (settled.has(id)) continue;
    const cycle = circleFrom(id, sources, settled);
    cycles.push(cycle);
    // Taking the circle away lets what stands behind it settle, so that the next one found is another circle.
    next = ready.length;
    for (const member of cycle) ready.push(member);
    settle(undefined);
  }
  return { order, cycles };
}

/** Every unsettled node has an unsettled source, so walking upstream must come round. */
function circleFrom(start: string, sources: Map<string, string[]>, settled: ReadonlySet<string>): string[] {
  const path: string[] = [];
  const place = new Map<string, number>();
  let id: string | undefined = start;
  while (id !== undefined && !place.has(id)) {
    place.set(id, path.length);
    path.push(id);
    id = sources.get(id)?.find((source) => !settled.has(source));
  }
  return path.slice(id === undefined ? 0 : place.get(id)).reverse();
}

/** The nodes a run works towards: the output nodes, or where there are none, the nodes that nothing reads. */
export function targetsOf(graph: Graph, known: Catalog): string[] {
  const live = Object.entries(graph.nodes).filter(([, node]) => !node.muted);
  const outputs = live.filter(([, node]) => definitionOf(node.type, known)?.output);
  if (outputs.length > 0) return outputs.map(([id]) => id);
  const read = new Set(graph.edges.map((edge) => edge.from[0]));
  return live.filter(([id]) => !read.has(id)).map(([id]) => id);
}

/** The targets and everything they read from. */
export function neededFor(graph: Graph, targets: readonly string[]): Set<string> {
  const sources = new Map<string, string[]>();
  for (const { from, to } of graph.edges) {
    const list = sources.get(to[0]);
    if (list) list.push(from[0]);
    else sources.set(to[0], [from[0]]);
  }
  const needed = new Set<string>();
  const waiting = [...targets];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (needed.has(id) || !nodeIn(graph, id)) continue;
    needed.add(id);
    waiting.push(...(sources.get(id) ?? []));
  }
  return needed;
}
