import type * as z from 'zod';
import { definitionOf } from '../../nodes/catalog.ts';
import type { Graph, GraphNode } from '../../nodes/graph.ts';
import { applyPatch } from '../../nodes/patch.ts';
import { labelOf } from '../../nodes/port-info.ts';
import { titleOf } from '../../nodes/problems.ts';

/** Thrown when a value is given to a parameter that does not exist or does not take it. One sentence with the choices. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** A parameter of a node in a graph, found by its address. */
export interface Parameter {
  readonly node: string;
  readonly name: string;
  readonly title: string;
  readonly schema: z.core.$ZodType;
}

/** The parameter at `node.param`. Throws InputError, listing what there is, when there is none that could take a value. */
export function parameterAt(graph: Graph, address: string): Parameter {
  // A node's id may hold dots, a parameter's name may not.
  const dot = address.lastIndexOf('.');
  const id = address.slice(0, dot);
  const name = address.slice(dot + 1);
  const node = dot > 0 && Object.hasOwn(graph.nodes, id) ? graph.nodes[id] : undefined;
  if (!node) {
    const choices = listed(Object.keys(graph.nodes));
    throw new InputError(`There is no node "${dot > 0 ? id : address}" in this graph. Its nodes are ${choices}.`);
  }
  return parameterOf(graph, id, node, name);
}

function parameterOf(graph: Graph, id: string, node: GraphNode, name: string): Parameter {
  const shape = definitionOf(node.type)?.params.shape ?? {};
  const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
  if (!schema) {
    const names = Object.keys(shape);
    const choices = names.length > 0 ? `Its parameters are ${listed(names)}.` : 'It has no parameters.';
    throw new InputError(`The node "${id}" (${titleOf(node)}) has no parameter "${name}". ${choices}`);
  }
  if (graph.edges.some((edge) => edge.to[0] === id && edge.to[1] === name)) {
    const label = labelOf(schema, name);
    throw new InputError(
      `"${label}" of "${id}" comes from another node by a wire; remove the wire to give it a value.`,
    );
  }
  return { node: id, name, title: `${titleOf(node)}, ${labelOf(schema, name)}`, schema };
}

/**
 * The graph with other values for some parameters, by `node.param`. Throws InputError for an address that is not there;
 * whether a value fits is for `problemsIn` to say, together with everything else.
 */
export function withInputs(graph: Graph, inputs: Readonly<Record<string, unknown>>): Graph {
  const patch = Object.entries(inputs).map(([address, value]) => {
    const { node, name } = parameterAt(graph, address);
    // A document keeps a seed that is too large for a number as text.
    return { do: 'set-param' as const, node, param: name, value: typeof value === 'bigint' ? String(value) : value };
  });
  return applyPatch(graph, patch);
}

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
