import * as z from 'zod';
import type { ModelKind } from '../models/contracts.ts';
import type { NodeDefinition } from './define-node.ts';
import { fields } from './fields.ts';
import { accepts, type PortInfo, type PortKind, ports } from './ports.ts';

/** A port of a definition, whether it is a real input, an output, or a parameter that an edge may feed. */
export interface Port extends PortInfo {
  readonly name: string;
  readonly required: boolean;
  /** True for a parameter: the typed value stands where there is no edge. */
  readonly parameter: boolean;
}

const described = new WeakMap<NodeDefinition, { inputs: Map<string, Port>; outputs: Map<string, Port> }>();

/** Every port of a definition by name; inputs include the parameters. Computed once per definition. */
export function portsOf(definition: NodeDefinition): { inputs: Map<string, Port>; outputs: Map<string, Port> } {
  let found = described.get(definition);
  if (!found) {
    found = { inputs: new Map(), outputs: new Map() };
    for (const [name, schema] of Object.entries(definition.params.shape)) {
      const kind = kindOfParameter(schema);
      if (kind) found.inputs.set(name, { name, kind, label: labelOf(schema, name), required: false, parameter: true });
    }
    for (const [name, schema] of Object.entries(definition.inputs.shape))
      found.inputs.set(name, realPort(name, schema));
    for (const [name, schema] of Object.entries(definition.outputs.shape)) {
      found.outputs.set(name, realPort(name, schema));
    }
    described.set(definition, found);
  }
  return found;
}

const modelParams = new WeakMap<NodeDefinition, readonly { name: string; kind: ModelKind }[]>();

/** The parameters that choose a model, with the kind they take. Computed once per definition. */
export function modelParamsOf(definition: NodeDefinition): readonly { name: string; kind: ModelKind }[] {
  const known = modelParams.get(definition);
  if (known) return known;
  const found = Object.entries(definition.params.shape).flatMap(([name, schema]) => {
    const control = fields.get(schema)?.control;
    return typeof control === 'object' ? [{ name, kind: control.model }] : [];
  });
  modelParams.set(definition, found);
  return found;
}

function realPort(name: string, schema: z.core.$ZodType): Port {
  const info = ports.get(schema);
  if (!info) throw new Error(`Port "${name}" has no kind; make it with the functions of ports.ts.`);
  return { ...info, name, required: schema._zod.optin !== 'optional', parameter: false };
}

export const labelOf = (schema: z.core.$ZodType, name: string) => fields.get(schema)?.label ?? name;

/** The schema under defaults, options and transformations. */
export function innermost(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return innermost(schema.def.innerType);
  }
  return schema instanceof z.ZodPipe ? innermost(schema.def.in) : schema;
}

function kindOfParameter(schema: z.core.$ZodType): PortKind | undefined {
  const control = fields.get(schema)?.control;
  if (control === 'seed') return 'integer';
  if (control === 'image') return 'image';
  const inner = innermost(schema);
  if (inner instanceof z.ZodString || inner instanceof z.ZodEnum) return 'text';
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (!(inner instanceof z.ZodNumber)) return undefined;
  return isWhole(inner) ? 'integer' : 'number';
}

/** Whether a number schema takes whole numbers only. */
export const isWhole = (schema: z.ZodNumber): boolean => schema.format === 'safeint';

/** Why an output cannot feed an input, in words, or nothing when it can. */
export function mismatch(output: Port, input: Port): string | undefined {
  if (!accepts(input.kind, output.kind)) {
    return `"${input.label}" takes ${kindWords[input.kind]}, but "${output.label}" gives ${kindWords[output.kind]}.`;
  }
  return undefined;
}

export const kindWords: Readonly<Record<PortKind, string>> = {
  image: 'an image',
  prompt: 'a prompt',
  text: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'yes or no',
};
