import type { Facts, NodeDefinition } from './define-node.ts';
import { fields } from './fields.ts';
import type { Edge, GraphNode } from './graph.ts';
import { labelOf, modelParamsOf } from './port-info.ts';
import type { Problem } from './problems.ts';

/** What is wrong with the typed values of a node, and with its version. Values that an edge replaces are not looked at. */
export function parameterProblems(
  node: string,
  { params, version }: GraphNode,
  definition: NodeDefinition,
  edges: readonly Edge[],
): Problem[] {
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

/** Models that are not there or cannot be used. */
export function modelProblems(
  node: string,
  { params }: GraphNode,
  definition: NodeDefinition,
  models: Facts['models'],
): Problem[] {
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
