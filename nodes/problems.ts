import { catalog, definitionOf } from './catalog.ts';
import type { Catalog, Facts, NodeDefinition } from './define-node.ts';
import { type Edge, edgesInto, type Graph, type GraphNode, nodeIn } from './graph.ts';
import type { GraphPatch } from './patch.ts';
import { mismatch, portsOf } from './port-info.ts';
import type { PortKind } from './ports.ts';
import { modelProblems, parameterProblems } from './setting-problems.ts';
import { sizesIn } from './sizes.ts';
import { neededFor, targetsOf, topologyOf } from './topology.ts';

export type ProblemCode =
  | 'unknown-node'
  | 'newer-node'
  | 'unknown-param'
  | 'bad-param'
  | 'missing-model'
  | 'broken-model'
  | 'missing-input'
  | 'unknown-port'
  | 'wrong-kind'
  | 'two-edges'
  | 'cycle'
  | 'too-large'
  | 'remark'
  | 'unused'
  | 'nothing-to-run';

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** Empty for a problem of the whole graph. */
  readonly node: string;
  readonly port?: string;
  readonly message: string;
  /** A change that a button applies. */
  readonly fix?: { readonly label: string; readonly patch: GraphPatch };
}

export interface ProblemFacts extends Partial<Facts> {
  readonly catalog?: Catalog;
  /** Most pixels a picture may have anywhere in the graph. */
  readonly maxPixels?: number;
  /** What is asked for; the graph's output nodes where it is left out. */
  readonly targets?: readonly string[];
}

/** 100 megapixels: a 10,000 × 10,000 picture. */
export const defaultMaxPixels = 100_000_000;

/**
 * Everything wrong with a graph, all at once, in words for the person who drew it. Never throws and never coerces.
 * Errors stand only at nodes that the run needs; elsewhere they are warnings.
 */
export function problemsIn(graph: Graph, facts: ProblemFacts = {}): Problem[] {
  const known = facts.catalog ?? catalog;
  const models = facts.models ?? [];
  const needed = neededFor(graph, facts.targets ?? targetsOf(graph, known));
  const into = edgesInto(graph);
  const problems: Problem[] = [];
  const sources = sourcesByKind(graph, known);
  for (const [id, node] of Object.entries(graph.nodes)) {
    const definition = definitionOf(node.type, known);
    if (!definition) {
      problems.push(unknownNode(id, node));
      continue;
    }
    const edges = into.get(id) ?? [];
    problems.push(...parameterProblems(id, node, definition, edges));
    if (facts.models) problems.push(...modelProblems(id, node, definition, facts.models));
    problems.push(...edgeProblems(graph, id, definition, edges, known));
    if (!node.muted && !node.bypassed) {
      problems.push(...missingInputs(graph, id, definition, edges, sources));
      const connected = new Set(edges.map((edge) => edge.to[1]));
      for (const remark of definition.check(node.params, connected, { models })) {
        problems.push({ code: 'remark', node: id, ...remark });
      }
    }
    if (!needed.has(id)) problems.push(unused(id, node, definition));
  }
  const { order, cycles } = topologyOf(graph);
  problems.push(...cycles.map((cycle) => cycleProblem(graph, cycle, known)));
  problems.push(...sizeProblems(graph, order, known, { models }, facts.maxPixels ?? defaultMaxPixels));
  const gone = (facts.targets ?? []).filter((id) => !nodeIn(graph, id));
  problems.push(...gone.map(goneTarget));
  if (needed.size === 0 && gone.length === 0) problems.push(nothingToRun(graph));
  return problems.map((problem) =>
    problem.node === '' || needed.has(problem.node) ? problem : { ...problem, severity: 'warning' },
  );
}

/** How a node is called in a message: its own title, or its type's. */
export const titleOf = (node: GraphNode, known: Catalog = catalog) =>
  node.title ?? definitionOf(node.type, known)?.title ?? node.type;

function unknownNode(node: string, { type }: GraphNode): Problem {
  const message = `This version of Aria has no node "${type}". It is kept as it is, but it cannot run.`;
  return { code: 'unknown-node', severity: 'error', node, message };
}

function edgeProblems(graph: Graph, node: string, definition: NodeDefinition, edges: Edge[], known: Catalog) {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const edge of edges) {
    const [sourceId, outputName] = edge.from;
    const port = edge.to[1];
    const input = portsOf(definition).inputs.get(port);
    const source = nodeIn(graph, sourceId);
    const sourceDefinition = source && definitionOf(source.type, known);
    const output = sourceDefinition && portsOf(sourceDefinition).outputs.get(outputName);
    const fix = { label: 'Remove the wire', patch: [{ do: 'remove-edge' as const, edge }] };
    const report = (code: ProblemCode, message: string) =>
      problems.push({ code, severity: 'error', node, port, message, fix });
    if (!input) report('unknown-port', `${definition.title} has no input "${port}".`);
    else if (!source) report('unknown-port', `The wire into "${input.label}" comes from a node that is gone.`);
    else if (sourceDefinition && !output) {
      report('unknown-port', `${sourceDefinition.title} has no output "${outputName}".`);
    } else if (output) {
      const reason = mismatch(output, input);
      if (reason) report('wrong-kind', reason);
    }
    if (seen.has(port)) report('two-edges', `"${input?.label ?? port}" takes one wire, but several lead to it.`);
    seen.add(port);
  }
  return problems;
}

function missingInputs(graph: Graph, node: string, definition: NodeDefinition, edges: Edge[], sources: Sources) {
  const problems: Problem[] = [];
  for (const port of portsOf(definition).inputs.values()) {
    if (!port.required || edges.some((edge) => edge.to[1] === port.name)) continue;
    const message = `${definition.title} needs something connected to "${port.label}".`;
    const from = onlySourceFor(graph, node, port.kind, sources);
    const fix = from && {
      label: `Connect ${from.title}`,
      patch: [{ do: 'add-edge' as const, edge: { from: from.address, to: portOf(node, port.name) } }],
    };
    problems.push({ code: 'missing-input', severity: 'error', node, port: port.name, message, ...(fix && { fix }) });
  }
  return problems;
}

const portOf = (node: string, port: string): [string, string] => [node, port];

interface Source {
  readonly title: string;
  readonly address: [node: string, port: string];
}
type Sources = ReadonlyMap<PortKind, readonly Source[]>;

/** The first outputs of each kind: of two nodes at least where there are so many, for more is a choice anyway. */
function sourcesByKind(graph: Graph, known: Catalog): Sources {
  const sources = new Map<PortKind, Source[]>();
  for (const [id, node] of Object.entries(graph.nodes)) {
    const definition = definitionOf(node.type, known);
    for (const output of definition ? portsOf(definition).outputs.values() : []) {
      const found = sources.get(output.kind);
      const source = { title: titleOf(node, known), address: portOf(id, output.name) };
      if (!found) sources.set(output.kind, [source]);
      else if (new Set(found.map(({ address }) => address[0])).size < 3) found.push(source);
    }
  }
  return sources;
}

/** A fix is offered only when there is no choice to make: exactly one output in the graph fits and makes no circle. */
function onlySourceFor(graph: Graph, node: string, kind: PortKind, sources: Sources): Source | undefined {
  const [only, ...others] = (sources.get(kind) ?? []).filter(({ address }) => address[0] !== node);
  return only && others.length === 0 && !neededFor(graph, [only.address[0]]).has(node) ? only : undefined;
}

function cycleProblem(graph: Graph, cycle: readonly string[], known: Catalog): Problem {
  const titles = cycle.flatMap((id) => graph.nodes[id] ?? []).map((node) => titleOf(node, known));
  const [first = ''] = cycle;
  const last = cycle.at(-1);
  const back = graph.edges.find((edge) => edge.from[0] === last && edge.to[0] === first);
  const message = `These nodes feed each other in a circle: ${[...titles, titles[0]].join(' → ')}.`;
  const fix = back && { label: 'Remove the wire that closes it', patch: [{ do: 'remove-edge' as const, edge: back }] };
  return { code: 'cycle', severity: 'error', node: first, message, ...(fix && { fix }) };
}

function sizeProblems(graph: Graph, order: readonly string[], known: Catalog, facts: Facts, limit: number): Problem[] {
  const problems: Problem[] = [];
  const sizes = sizesIn(graph, order, known, facts);
  for (const [node, ports] of sizes) {
    for (const [port, size] of Object.entries(ports)) {
      if (!size || size.width * size.height <= limit) continue;
      const millions = Math.round((size.width * size.height) / 1e6);
      const message = `This would make a picture of ${size.width} × ${size.height} px (${millions} megapixels); at most ${Math.round(limit / 1e6)} are allowed. Use a smaller size or a smaller scale.`;
      problems.push({ code: 'too-large', severity: 'error', node, port, message });
    }
  }
  return problems;
}

function unused(node: string, { muted }: GraphNode, definition: NodeDefinition): Problem {
  const message = muted
    ? `${definition.title} is muted and will not run.`
    : `Nothing uses the result of ${definition.title}, so it will not run.`;
  return { code: 'unused', severity: 'warning', node, message };
}

function goneTarget(id: string): Problem {
  const message = `Expected a node of this graph to run to but received "${id}"; choose one that is on the canvas.`;
  return { code: 'nothing-to-run', severity: 'error', node: '', message };
}

function nothingToRun(graph: Graph): Problem {
  const empty = Object.keys(graph.nodes).length === 0;
  const message = empty
    ? 'The canvas is empty. Double-click it to add a node.'
    : 'There is nothing to run: every output is muted.';
  return { code: 'nothing-to-run', severity: 'error', node: '', message };
}
