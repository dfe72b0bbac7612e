import type { Edge, Graph, GraphNode } from './graph.ts';

/** One change of a graph. Fixes, commands and undo all speak in these. */
export type GraphChange =
  | { readonly do: 'set-param'; readonly node: string; readonly param: string; readonly value: unknown }
  | { readonly do: 'unset-param'; readonly node: string; readonly param: string }
  | { readonly do: 'add-node'; readonly id: string; readonly node: GraphNode }
  | { readonly do: 'remove-node'; readonly id: string }
  | { readonly do: 'add-edge'; readonly edge: Edge }
  | { readonly do: 'remove-edge'; readonly edge: Edge };
export type GraphPatch = readonly GraphChange[];

/** A new graph with the changes made in order; the old one is untouched. Changes to nodes that are gone do nothing. */
export const applyPatch = (graph: Graph, patch: GraphPatch): Graph => patch.reduce(change, graph);

function change(graph: Graph, step: GraphChange): Graph {
  switch (step.do) {
    case 'set-param':
      return withParams(graph, step.node, (params) => ({ ...params, [step.param]: step.value }));
    case 'unset-param':
      return withParams(graph, step.node, ({ [step.param]: _gone, ...rest }) => rest);
    case 'add-node':
      return { ...graph, nodes: { ...graph.nodes, [step.id]: step.node } };
    case 'remove-node': {
      const { [step.id]: _gone, ...nodes } = graph.nodes;
      const edges = graph.edges.filter((edge) => edge.from[0] !== step.id && edge.to[0] !== step.id);
      return { ...graph, nodes, edges };
    }
    case 'add-edge': {
      // An input holds one edge: a new one takes the place of the old.
      const others = graph.edges.filter((edge) => !sameEnd(edge.to, step.edge.to));
      return { ...graph, edges: [...others, step.edge] };
    }
    case 'remove-edge':
      return { ...graph, edges: graph.edges.filter((edge) => !sameEdge(edge, step.edge)) };
  }
}

function withParams(graph: Graph, id: string, make: (params: GraphNode['params']) => GraphNode['params']): Graph {
  const node = graph.nodes[id];
  return node ? { ...graph, nodes: { ...graph.nodes, [id]: { ...node, params: make(node.params) } } } : graph;
}

const sameEnd = (a: Edge['to'], b: Edge['to']) => a[0] === b[0] && a[1] === b[1];
export const sameEdge = (a: Edge, b: Edge) => sameEnd(a.from, b.from) && sameEnd(a.to, b.to);
