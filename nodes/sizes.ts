import { definitionOf } from './catalog.ts';
import type { Catalog, Facts, Size, Sizes } from './define-node.ts';
import { edgesInto, type Graph } from './graph.ts';

/**
 * The width and height of every picture that will leave a port, as far as it is known before running. `order` is a
 * topological order; nodes in circles have no sizes. O(N + E).
 */
export function sizesIn(graph: Graph, order: readonly string[], known: Catalog, facts: Facts): Map<string, Sizes> {
  const into = edgesInto(graph);
  const sizes = new Map<string, Sizes>();
  for (const id of order) {
    const node = graph.nodes[id];
    const definition = node && definitionOf(node.type, known);
    if (!definition) continue;
    const inputs: Record<string, Size | undefined> = {};
    for (const edge of into.get(id) ?? []) inputs[edge.to[1]] = sizes.get(edge.from[0])?.[edge.from[1]];
    if (node.bypassed) {
      const passed = Object.entries(definition.bypass ?? {}).map(([output, input]) => [output, inputs[input]]);
      sizes.set(id, Object.fromEntries(passed));
    } else sizes.set(id, definition.infer(node.params, inputs, facts));
  }
  return sizes;
}
