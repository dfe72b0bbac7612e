import * as z from 'zod';
import { fields } from '../../nodes/fields.ts';
import type { Graph } from '../../nodes/graph.ts';
import { innermost, isWhole } from '../../nodes/port-info.ts';
import type { ImageRef } from '../../nodes/ports.ts';
import { InputError, type Parameter, parameterAt } from '../runs/inputs.ts';
import type { Setting } from './arguments.ts';

/** Brings a picture file to the engine and gives its address there. */
export type Upload = (file: string) => Promise<ImageRef>;

/**
 * The values of all `--set` by `node.param`, read as each parameter's schema wants them. Throws InputError, before any
 * picture is uploaded where that is possible.
 */
export async function valuesOf(graph: Graph, settings: readonly Setting[], upload: Upload) {
  const found = settings.map(({ address, text }) => ({ address, text, parameter: parameterAt(graph, address) }));
  const values: Record<string, unknown> = {};
  for (const { address, text, parameter } of found) {
    if (!isPicture(parameter)) values[address] = valueFromText(parameter, text);
  }
  for (const { address, text, parameter } of found) if (isPicture(parameter)) values[address] = await upload(text);
  return values;
}

const isPicture = ({ schema }: Parameter) => fields.get(schema)?.control === 'image';

/** A value as typed on the command line. Throws InputError with what was expected. */
export function valueFromText(parameter: Parameter, text: string): unknown {
  const value = read(parameter.schema, text);
  const checked = z.safeParse(parameter.schema, value);
  if (checked.success) return value;
  const expected = expectation(parameter.schema) ?? checked.error.issues[0]?.message ?? 'another value';
  throw new InputError(`${expected.replace(/\.$/, '')} for ${parameter.title} but received "${text}".`);
}

function read(schema: z.core.$ZodType, text: string): unknown {
  const inner = innermost(schema);
  if (inner instanceof z.ZodNumber) return text.trim() === '' ? text : Number(text);
  if (inner instanceof z.ZodBoolean) return words.get(text.toLowerCase()) ?? text;
  return text;
}

const words: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', 'no', 'off'].map((word) => [word, false] as const),
]);

/** What a schema takes, in words, where its own message would not say. */
function expectation(schema: z.core.$ZodType): string | undefined {
  const inner = innermost(schema);
  if (inner instanceof z.ZodEnum) return `Expected one of ${inner.options.join(', ')}`;
  if (inner instanceof z.ZodBoolean) return 'Expected true or false';
  if (!(inner instanceof z.ZodNumber)) return undefined;
  const kind = isWhole(inner) ? 'a whole number' : 'a number';
  const { minValue: low, maxValue: high } = inner;
  const bounded = Number.isFinite(low) && Number.isFinite(high) && Math.abs(Number(low)) < Number.MAX_SAFE_INTEGER;
  return `Expected ${kind}${bounded ? ` from ${low} to ${high}` : ''}`;
}
