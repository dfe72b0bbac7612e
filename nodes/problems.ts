import { catalog, definitionOf } from './catalog.ts';
import type { Catalog, Facts, NodeDefinition } from './define-node.ts';
import { fields } from './fields.ts';
import { type Edge, edgesInto, type Graph, type GraphNode } from './graph.ts';
import type { GraphPatch } from './patch.ts';
import { labelOf, mismatch, modelParamsOf, portsOf } from './port-info.ts';
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
      problems.push(...missingInputs(graph, id, definition, edges, known));
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
  if (needed.size === 0) problems.push(nothingToRun(graph));
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

function parameterProblems(node: string, { params, version }: GraphNode, definition: NodeDefinition, edges: Edge[]) {
  const problems: Problem[] = [];
  if (version > definition.version) {
    const message = `This ${definition.title} was made by a newer Aria (version ${version}, known is ${definition.version}).`;
    problems.push({ code: 'newer-node', severity: 'error', node, message });
  }
  const fed = new Set(edges.map((edge) => edge.to[1]));
  for (const issue of definition.settings(params).error?.issues ?? []) {
    const param = String(issue.path[0] ?? '');
    const schema = definition.params.shape[param];
    if (!schema || fed.has(param)) continue;
    const message = `${labelOf(schema, param)}: ${issue.message}`;
    const optional = fields.get(schema)?.control !== 'image';
    const fix = { label: 'Use the default', patch: [{ do: 'unset-param' as const, node, param }] };
    problems.push({ code: 'bad-param', severity: 'error', node, port: param, message, ...(optional && { fix }) });
  }
  for (const name of Object.keys(params)) {
    if (Object.hasOwn(definition.params.shape, name)) continue;
    const message = `${definition.title} has no parameter "${name}"; its value is kept but not used.`;
    problems.push({ code: 'unknown-param', severity: 'warning', node, port: name, message });
  }
  return problems;
}

function modelProblems(node: string, { params }: GraphNode, definition: NodeDefinition, models: Facts['models']) {
  const problems: Problem[] = [];
  const values = definition.settings(params).data ?? {};
  for (const { name: param, kind } of modelParamsOf(definition)) {
    const id = values[param];
    if (typeof id !== 'string') continue;
    const found = models.find((model) => model.id === id && model.kind === kind);
    if (found && !found.broken) continue;
    const other = models.find((model) => model.kind === kind && !model.broken);
    const change = other && [{ do: 'set-param' as const, node, param, value: other.id }];
    problems.push({
      code: found ? 'broken-model' : 'missing-model',
      severity: 'error',
      node,
      port: param,
      message: found?.broken ?? `The model "${id}" is not installed. Put it into the models folder, or choose another.`,
      ...(change && other && { fix: { label: `Use ${other.title}`, patch: change } }),
    });
  }
  return problems;
}

function edgeProblems(graph: Graph, node: string, definition: NodeDefinition, edges: Edge[], known: Catalog) {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const edge of edges) {
    const [sourceId, outputName] = edge.from;
    const port = edge.to[1];
    const input = portsOf(definition).inputs.get(port);
    const source = graph.nodes[sourceId];
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

function missingInputs(graph: Graph, node: string, definition: NodeDefinition, edges: Edge[], known: Catalog) {
  const problems: Problem[] = [];
  for (const port of portsOf(definition).inputs.values()) {
    if (!port.required || edges.some((edge) => edge.to[1] === port.name)) continue;
    const message = `${definition.title} needs something connected to "${port.label}".`;
    const from = onlySourceFor(graph, node, port.name, definition, known);
    const fix = from && {
      label: `Connect ${titleOf(from.node, known)}`,
      patch: [{ do: 'add-edge' as const, edge: { from: from.address, to: portOf(node, port.name) } }],
    };
    problems.push({ code: 'missing-input', severity: 'error', node, port: port.name, message, ...(fix && { fix }) });
  }
  return problems;
}

const portOf = (node: string, port: string): [string, string] => [node, port];

/** A fix is offered only when there is no choice to make: exactly one output in the graph fits and makes no circle. */
function onlySourceFor(graph: Graph, node: string, port: string, definition: NodeDefinition, known: Catalog) {
  const input = portsOf(definition).inputs.get(port);
  let found: { node: GraphNode; address: [string, string] } | undefined;
  for (const [id, other] of Object.entries(graph.nodes)) {
    const source = id === node ? undefined : definitionOf(other.type, known);
    for (const output of source ? portsOf(source).outputs.values() : []) {
      if (!input || output.kind !== input.kind) continue;
      if (found) return undefined;
      found = { node: other, address: [id, output.name] };
    }
  }
  return found && !neededFor(graph, [found.address[0]]).has(node) ? found : undefined;
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

function nothingToRun(graph: Graph): Problem {
  const empty = Object.keys(graph.nodes).length === 0;
  const message = empty
    ? 'The canvas is empty. Double-click it to add a node.'
    : 'There is nothing to run: every output is muted.';
  return { code: 'nothing-to-run', severity: 'error', node: '', message };
}
