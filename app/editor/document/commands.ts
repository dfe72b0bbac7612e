import { definitionOf } from '../../../nodes/catalog.ts';
import type { NodeDefinition } from '../../../nodes/define-node.ts';
import type { Edge, Graph, GraphNode } from '../../../nodes/graph.ts';
import { applyPatch, type GraphPatch, sameEdge } from '../../../nodes/patch.ts';
import type { Command } from './history.ts';

/** A place on the canvas, in canvas pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

const nodesIn = (count: number) => (count === 1 ? 'node' : `${count} nodes`);

/** Sets a parameter. Typing into one field is one step. */
export const setParam = (node: string, param: string, value: unknown, label = param): Command => ({
  label: `Change ${label.toLowerCase()}`,
  group: `param ${node}.${param}`,
  change: (graph) =>
    graph.nodes[node]?.params[param] === value ? graph : applyPatch(graph, [{ do: 'set-param', node, param, value }]),
});

/** Makes the change that a fix button promises. */
export const applyFix = (label: string, patch: GraphPatch): Command => ({
  label,
  change: (graph) => applyPatch(graph, patch),
});

/** Adds a node, and the wires that come with it. */
export const addNode = (id: string, node: GraphNode, title: string, edges: readonly Edge[] = []): Command => ({
  label: `Add ${title}`,
  change: (graph) =>
    applyPatch(graph, [{ do: 'add-node', id, node }, ...edges.map((edge) => ({ do: 'add-edge' as const, edge }))]),
});

/** Lays a wire; an input holds one, so a wire that was there gives way. */
export const connect = (edge: Edge): Command => ({
  label: 'Connect',
  change: (graph) =>
    graph.edges.some((other) => sameEdge(other, edge)) ? graph : applyPatch(graph, [{ do: 'add-edge', edge }]),
});

/** Removes nodes with their wires, and other wires. */
export const remove = (ids: readonly string[], edges: readonly Edge[]): Command => ({
  label: ids.length > 0 ? `Delete ${nodesIn(ids.length)}` : 'Disconnect',
  change: (graph) =>
    ids.length + edges.length === 0
      ? graph
      : applyPatch(graph, [
          ...edges.map((edge) => ({ do: 'remove-edge' as const, edge })),
          ...ids.map((id) => ({ do: 'remove-node' as const, id })),
        ]),
});

/** Puts nodes at other places. Nudging by keys is one step. */
export const move = (places: Readonly<Record<string, Place>>): Command => ({
  label: `Move ${nodesIn(Object.keys(places).length)}`,
  group: `move ${Object.keys(places).sort().join(' ')}`,
  change: (graph) => changeNodes(graph, Object.keys(places), (node, id) => at(node, places[id])),
});

/** Switches nodes off, so that they and what needs them do not run; or on again when all are off. */
export const toggleMuted = (ids: readonly string[]): Command => toggle('Mute', ids, 'muted');

/** Lets pictures pass by nodes unchanged; or through them again when all are bypassed. */
export const toggleBypassed = (ids: readonly string[]): Command => toggle('Bypass', ids, 'bypassed');

/** Folds nodes to their header, or unfolds them when all are folded. */
export const toggleCollapsed = (ids: readonly string[]): Command => ({
  label: `Fold ${nodesIn(ids.length)}`,
  change: (graph) => {
    const all = ids.every((id) => graph.nodes[id]?.layout.collapsed);
    return changeNodes(graph, ids, (node) => ({ ...node, layout: flag(node.layout, 'collapsed', !all) }));
  },
});

/** Gives a node a title of its own; an empty one gives back the title of its type. */
export const nameNode = (id: string, title: string): Command => ({
  label: 'Rename node',
  change: (graph) =>
    changeNodes(graph, [id], (node) => {
      const { title: _old, ...rest } = node;
      const own = title.trim();
      return own === '' || own === definitionOf(node.type)?.title ? rest : { ...rest, title: own };
    }),
});

/** Names the graph. */
export const nameGraph = (name: string): Command => ({
  label: 'Rename',
  group: 'name',
  change: (graph) => (graph.name === name ? graph : { ...graph, name }),
});

/** Puts another document in place of this one. */
export const replaceGraph = (label: string, next: Graph): Command => ({ label, change: () => next });

/** Keeps the seed of a node when seeds change by themselves, or lets it change again. */
export const toggleSeedLock = (id: string): Command => ({
  label: 'Lock seed',
  change: (graph) => changeNodes(graph, [id], (node) => flag(node, 'seedLocked', node.seedLocked !== true)),
});

/** A new node of a type at a place, with all parameters at their defaults. */
export const newNode = ({ type, version }: NodeDefinition, { x, y }: Place): GraphNode => ({
  type,
  version,
  params: {},
  layout: { x: Math.round(x), y: Math.round(y) },
});

/** A readable id that is free: the type, then the type with a number. */
export function freeId(graph: Graph, type: string): string {
  if (!Object.hasOwn(graph.nodes, type)) return type;
  let number = 2;
  while (Object.hasOwn(graph.nodes, `${type}-${number}`)) number++;
  return `${type}-${number}`;
}

function toggle(label: string, ids: readonly string[], name: 'muted' | 'bypassed'): Command {
  return {
    label: `${label} ${nodesIn(ids.length)}`,
    change: (graph) => {
      const all = ids.every((id) => graph.nodes[id]?.[name]);
      return changeNodes(graph, ids, (node) => flag(node, name, !all));
    },
  };
}

/** What is not so is left out of the document. */
function flag<Value extends object>(value: Value, name: string, on: boolean): Value {
  if (on) return { ...value, [name]: true };
  return Object.keys(value).includes(name) ? without(value, name) : value;
}

function without<Value extends object>(value: Value, name: string): Value {
  const copy = { ...value };
  Reflect.deleteProperty(copy, name);
  return copy;
}

function at(node: GraphNode, place: Place | undefined): GraphNode {
  if (!place) return node;
  const x = Math.round(place.x);
  const y = Math.round(place.y);
  return node.layout.x === x && node.layout.y === y ? node : { ...node, layout: { ...node.layout, x, y } };
}

function changeNodes(graph: Graph, ids: readonly string[], make: (node: GraphNode, id: string) => GraphNode): Graph {
  const nodes = { ...graph.nodes };
  let changed = false;
  for (const id of ids) {
    const node = nodes[id];
    const next = node && make(node, id);
    if (!next || next === node) continue;
    nodes[id] = next;
    changed = true;
  }
  return changed ? { ...graph, nodes } : graph;
}
