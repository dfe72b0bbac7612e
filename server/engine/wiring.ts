import { definitionOf } from '../../nodes/catalog.ts';
import type { Catalog, NodeDefinition } from '../../nodes/define-node.ts';
import { type Edge, edgesInto, type Graph, type GraphNode } from '../../nodes/graph.ts';
import { titleOf } from '../../nodes/problems.ts';
import { neededFor, targetsOf, topologyOf } from '../../nodes/topology.ts';

/** What feeds an input port: an output of a node that runs, found through bypassed nodes. */
export interface Wire {
  readonly port: string;
  readonly source: string;
  readonly output: string;
}

/** A node that will run, with its incoming wires. */
export interface WiredNode {
  readonly id: string;
  readonly title: string;
  readonly node: GraphNode;
  readonly definition: NodeDefinition;
  readonly wires: readonly Wire[];
}

/** A graph as it will run. */
export interface Wiring {
  /** The nodes that run, sources first. */
  readonly nodes: ReadonlyMap<string, WiredNode>;
  /** Who reads from a node, each once. */
  readonly readers: ReadonlyMap<string, readonly string[]>;
  /** Nodes that belong to the targets but will not run, with the reason. */
  readonly skipped: ReadonlyMap<string, string>;
}

/** Where a value on an output port comes from, or why there is none. */
type Origin = { readonly source: string; readonly output: string } | { readonly missing: string };

/**
 * Decides before anything runs what will: only what the targets need. Muted nodes and what depends on them do not run,
 * bypassed nodes are wired past. The graph must be free of errors. O(N + E).
 */
export function wire(graph: Graph, catalog: Catalog, targets: readonly string[] = targetsOf(graph, catalog)): Wiring {
  const needed = neededFor(graph, targets);
  const into = edgesInto(graph);
  const skipped = new Map<string, string>();
  const passed = new Map<string, ReadonlyMap<string, Origin>>();
  const runnable = new Map<string, WiredNode>();

  const originOf = ([source, output]: Edge['from']): Origin => {
    if (runnable.has(source)) return { source, output };
    const title = titleOfId(graph, source, catalog);
    const through = passed.get(source);
    if (through)
      return through.get(output) ?? { missing: `It needs ${title}, which is bypassed and passes nothing on.` };
    const why = graph.nodes[source]?.muted ? `It needs ${title}, which is muted.` : skipped.get(source);
    return { missing: why ?? `It needs ${title}, which does not run.` };
  };

  for (const id of topologyOf(graph).order) {
    const node = graph.nodes[id];
    const definition = node && definitionOf(node.type, catalog);
    if (!definition || !needed.has(id)) continue;
    const origins = new Map((into.get(id) ?? []).map((edge) => [edge.to[1], originOf(edge.from)]));
    if (node.muted) skipped.set(id, 'It is muted.');
    else if (node.bypassed) {
      skipped.set(id, 'It is bypassed.');
      passed.set(id, passing(definition, origins));
    } else {
      const missing = [...origins.values()].find((origin) => 'missing' in origin);
      if (missing && 'missing' in missing) skipped.set(id, missing.missing);
      else runnable.set(id, { id, title: titleOf(node, catalog), node, definition, wires: wiresOf(origins) });
    }
  }
  return onlyLive(
    runnable,
    skipped,
    targets.flatMap((id) => [id, ...sourcesPassed(passed.get(id))]),
  );
}

const titleOfId = (graph: Graph, id: string, catalog: Catalog) => {
  const node = graph.nodes[id];
  return node ? titleOf(node, catalog) : id;
};

/** Only what the definition pairs goes past a bypassed node; nothing is guessed. */
function passing(definition: NodeDefinition, origins: ReadonlyMap<string, Origin>): Map<string, Origin> {
  const passed = new Map<string, Origin>();
  for (const [output, input] of Object.entries(definition.bypass ?? {})) {
    const origin = origins.get(input);
    if (origin) passed.set(output, origin);
  }
  return passed;
}

const sourcesPassed = (origins: ReadonlyMap<string, Origin> = new Map()) =>
  [...origins.values()].flatMap((origin) => ('source' in origin ? [origin.source] : []));

const wiresOf = (origins: ReadonlyMap<string, Origin>): Wire[] =>
  [...origins].flatMap(([port, origin]) => ('source' in origin ? [{ port, ...origin }] : []));

/** Leaves out what feeds only nodes that do not run. */
function onlyLive(runnable: Map<string, WiredNode>, skipped: Map<string, string>, ends: readonly string[]): Wiring {
  const live = new Set<string>();
  const waiting = [...ends];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = live.has(id) ? undefined : runnable.get(id);
    if (!node) continue;
    live.add(id);
    for (const { source } of node.wires) waiting.push(source);
  }
  const nodes = new Map<string, WiredNode>();
  const readers = new Map<string, string[]>();
  for (const [id, node] of runnable) {
    if (!live.has(id)) {
      skipped.set(id, 'Nothing that runs needs it.');
      continue;
    }
    nodes.set(id, node);
    readers.set(id, []);
    for (const source of new Set(node.wires.map((one) => one.source))) readers.get(source)?.push(id);
  }
  return { nodes, readers, skipped };
}
