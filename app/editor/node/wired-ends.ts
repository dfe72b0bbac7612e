import type { Edge } from '../../../nodes/graph.ts';
import type { Side } from '../canvas/fits.ts';

const known = new WeakMap<readonly Edge[], ReadonlySet<string>>();

/** Whether a wire ends at a port. Hundreds of ports ask after each change, so the ends of a list of edges are found once. */
export function isWired(edges: readonly Edge[], node: string, port: string, side: Side): boolean {
  let ends = known.get(edges);
  if (!ends) {
    ends = new Set(edges.flatMap(({ from, to }) => [nameOf('output', from), nameOf('input', to)]));
    known.set(edges, ends);
  }
  return ends.has(nameOf(side, [node, port]));
}

const nameOf = (side: Side, address: readonly [string, string]): string => `${side} ${JSON.stringify(address)}`;
