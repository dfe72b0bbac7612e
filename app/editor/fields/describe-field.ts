import * as z from 'zod';
import { type FieldInfo, fields } from '../../../nodes/fields.ts';
import { innermost, isWhole, labelOf } from '../../../nodes/port-info.ts';
import { spelled } from '../words.ts';

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

type Control =
  | ({ readonly control: 'slider' | 'stepper' } & NumberRange)
  | { readonly control: 'choice'; readonly choices: readonly Choice[] }
  | { readonly control: 'model'; readonly kind: string }
  | { readonly control: 'text' | 'textarea' | 'seed' | 'image' | 'toggle' | 'unknown' };

/** A parameter as a form needs it. Range, step, default and choices come from the schema, the rest from its hints. */
export type FieldDescription = Control & {
  readonly name: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly unit: string | undefined;
  readonly advanced: boolean;
  /** What stands there while the document says nothing. */
  readonly preset: unknown;
};

const described = new WeakMap<z.ZodObject, readonly FieldDescription[]>();

/** The parameters of a node type, in the order of its schema. Computed once for each schema. */
export function fieldsOf(params: z.ZodObject): readonly FieldDescription[] {
  const known = described.get(params);
  if (known) return known;
  const found = Object.entries(params.shape).map(([name, schema]) => describe(name, schema));
  described.set(params, found);
  return found;
}

function describe(name: string, schema: z.core.$ZodType): FieldDescription {
  const info = fields.get(schema);
  return {
    ...controlOf(schema, info),
    name,
    label: labelOf(schema, name),
    hint: info?.hint,
    unit: info?.unit,
    advanced: info?.advanced === true,
    preset: z.safeParse(schema, undefined).data,
  };
}

function controlOf(schema: z.core.$ZodType, info: FieldInfo | undefined): Control {
  const wanted = info?.control;
  if (typeof wanted === 'object') return { control: 'model', kind: wanted.model };
  if (wanted === 'textarea' || wanted === 'seed' || wanted === 'image') return { control: wanted };
  const inner = innermost(schema);
  if (inner instanceof z.ZodNumber) return { control: wanted === 'slider' ? 'slider' : 'stepper', ...rangeOf(inner) };
  if (inner instanceof z.ZodBoolean) return { control: 'toggle' };
  if (inner instanceof z.ZodString) return { control: 'text' };
  if (!(inner instanceof z.ZodEnum)) return { control: 'unknown' };
  const choices = inner.options
    .map(String)
    .map((value) => ({ value, label: info?.choices?.[value] ?? spelled(value) }));
  return { control: 'choice', choices };
}

function rangeOf(schema: z.ZodNumber): NumberRange {
  const { multipleOf, exclusiveMinimum, minimum, maximum } = z.toJSONSchema(schema);
  const step = multipleOf ?? (isWhole(schema) ? 1 : 0.01);
  const min = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + step : (minimum ?? Number.MIN_SAFE_INTEGER);
  return { min, max: maximum ?? Number.MAX_SAFE_INTEGER, step };
}

/** The nearest value that the range allows, free of the dust of binary fractions. */
export function snapped(value: number, { min, max, step }: NumberRange): number {
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const nearest = Math.round(value / step) * step;
  return Number(Math.min(max, Math.max(min, nearest)).toFixed(Math.min(digits + 1, 12)));
}
