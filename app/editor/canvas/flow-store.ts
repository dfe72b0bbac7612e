import {
  applyEdgeChanges,
  applyNodeChanges,
  type EdgeChange,
  type Edge as FlowEdge,
  type Node as FlowNode,
  type NodeChange,
} from '@xyflow/react';
import { create } from 'zustand';
import type { Edge, Graph, GraphNode } from '../../../nodes/graph.ts';
import { useDocument } from '../document/document-store.ts';
import { cardWidth } from '../node/card-size.ts';

export type CardNode = FlowNode<Record<string, never>, 'card'>;
export type WireEdge = FlowEdge<{ edge: Edge }, 'wire'>;

interface FlowState {
  readonly nodes: CardNode[];
  readonly edges: WireEdge[];
  readonly changeNodes: (changes: NodeChange<CardNode>[]) => void;
  readonly changeEdges: (changes: EdgeChange<WireEdge>[]) => void;
  readonly select: (ids: readonly string[]) => void;
}

/** The document as React Flow draws it, with what only the canvas knows: selection, measures and drags in progress. */
export const useFlow = create<FlowState>()((set) => ({
  nodes: [],
  edges: [],
  changeNodes: (changes) => set(({ nodes }) => ({ nodes: applyNodeChanges(changes, nodes) })),
  changeEdges: (changes) => set(({ edges }) => ({ edges: applyEdgeChanges(changes, edges) })),
  select: (ids) =>
    set(({ nodes, edges }) => ({
      nodes: nodes.map((node) => selectedAs(node, ids.includes(node.id))),
      edges: edges.map((edge) => selectedAs(edge, false)),
    })),
}));

/** The ids of the selected nodes. */
export const selectedNodes = (): string[] =>
  useFlow
    .getState()
    .nodes.filter(isSelected)
    .map(({ id }) => id);

/** The selected wires, as edges of the document. */
export const selectedWires = (): Edge[] =>
  useFlow
    .getState()
    .edges.filter(isSelected)
    .flatMap(({ data }) => data?.edge ?? []);

/** A name for a wire that its ends decide. */
export const wireId = ({ from, to }: Edge): string => JSON.stringify([from, to]);

/** Keeps the drawing like the document until the signal says stop. */
export function drawDocument(signal: AbortSignal): void {
  const draw = (graph: Graph) => useFlow.setState((before) => drawn(graph, before));
  const stop = useDocument.subscribe((now, before) => {
    if (now.history.present !== before.history.present) draw(now.history.present);
  });
  signal.addEventListener('abort', stop);
  draw(useDocument.getState().history.present);
}

function drawn(graph: Graph, before: FlowState) {
  const cards = new Map(before.nodes.map((node) => [node.id, node]));
  const wires = new Map(before.edges.map((edge) => [edge.id, edge]));
  return {
    nodes: Object.entries(graph.nodes).map(([id, node]) => card(id, node, cards.get(id))),
    edges: graph.edges
      .filter(({ from, to }) => Object.hasOwn(graph.nodes, from[0]) && Object.hasOwn(graph.nodes, to[0]))
      .map((edge) => wires.get(wireId(edge)) ?? wire(edge)),
  };
}

function card(id: string, { layout: { x, y } }: GraphNode, before: CardNode | undefined): CardNode {
  if (before && before.position.x === x && before.position.y === y) return before;
  const position = { x, y };
  // A guess until it is measured, so that the first picture is already right.
  return before
    ? { ...before, position }
    : { id, type: 'card', position, data: {}, initialWidth: cardWidth, initialHeight: 180 };
}

const wire = (edge: Edge): WireEdge => ({
  id: wireId(edge),
  type: 'wire',
  source: edge.from[0],
  sourceHandle: edge.from[1],
  target: edge.to[0],
  targetHandle: edge.to[1],
  data: { edge },
});

const isSelected = ({ selected }: { selected?: boolean }) => selected === true;

function selectedAs<Item extends { selected?: boolean }>(item: Item, selected: boolean): Item {
  return isSelected(item) === selected ? item : { ...item, selected };
}
