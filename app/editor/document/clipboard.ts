import { type Edge, type Graph, GraphError, type GraphNode, readGraph } from '../../../nodes/graph.ts';
import { freeId, type Place } from './commands.ts';
import { currentGraph, perform } from './document-store.ts';
import type { Command } from './history.ts';

/** Part of a graph: some nodes and every wire that leads to them. */
export type Fragment = Pick<Graph, 'nodes' | 'edges'>;

/** Some nodes with the wires among them and the wires that feed them from outside. */
export function fragmentOf(graph: Graph, ids: readonly string[]): Fragment {
  const chosen = new Set(ids);
  const nodes = Object.fromEntries(Object.entries(graph.nodes).filter(([id]) => chosen.has(id)));
  return { nodes, edges: graph.edges.filter(({ to }) => chosen.has(to[0])) };
}

/** The fragment as text that any editor of Aria takes, in another tab or from a message. */
export const copiedText = (fragment: Fragment): string =>
  JSON.stringify({ format: 1, name: 'Copied', ...fragment } satisfies Graph, null, 2);

/** The fragment in a text, or nothing when the text is no part of a graph. */
export function fragmentIn(text: string): Fragment | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return readGraph(text);
  } catch (error) {
    if (error instanceof GraphError) return undefined;
    throw error;
  }
}

/** The command that adds a fragment with new ids, and those ids. Wires from outside are kept where their source exists. */
export function pasting(graph: Graph, fragment: Fragment, shift: Place): { command: Command; ids: string[] } {
  let next = graph;
  const renamed = new Map<string, string>();
  for (const [id, node] of Object.entries(fragment.nodes)) {
    const fresh = freeId(next, node.type);
    renamed.set(id, fresh);
    next = { ...next, nodes: { ...next.nodes, [fresh]: moved(node, shift) } };
  }
  const edges = fragment.edges.flatMap((edge) => moveEdge(edge, renamed, graph));
  const pasted = { ...next, edges: [...next.edges, ...edges] };
  return { command: { label: 'Paste', change: () => pasted }, ids: [...renamed.values()] };
}

/** Adds copies of nodes beside them, wired to the same sources, and gives the ids of the copies. */
export function duplicate(ids: readonly string[]): string[] {
  const graph = currentGraph();
  const { command, ids: copies } = pasting(graph, fragmentOf(graph, ids), { x: 40, y: 40 });
  perform({ ...command, label: 'Duplicate' });
  return copies;
}

function moved(node: GraphNode, { x, y }: Place): GraphNode {
  return { ...node, layout: { ...node.layout, x: Math.round(node.layout.x + x), y: Math.round(node.layout.y + y) } };
}

function moveEdge(edge: Edge, renamed: ReadonlyMap<string, string>, graph: Graph): Edge[] {
  const target = renamed.get(edge.to[0]);
  const source = renamed.get(edge.from[0]) ?? (Object.hasOwn(graph.nodes, edge.from[0]) ? edge.from[0] : undefined);
  return target && source ? [{ ...edge, from: [source, edge.from[1]], to: [target, edge.to[1]] }] : [];
}
