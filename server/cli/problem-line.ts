import type { Graph } from '../../nodes/graph.ts';
import { type Problem, titleOf } from '../../nodes/problems.ts';

/** A problem as one line for a terminal: how bad, where, what. */
export function problemLine(graph: Graph, { severity, node, message }: Problem): string {
  const found = graph.nodes[node];
  const place = found ? `${titleOf(found)} (${node}): ` : '';
  return `${severity}: ${place}${message}`;
}
