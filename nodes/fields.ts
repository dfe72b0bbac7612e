import * as z from 'zod';
import type { ModelKind } from '../models/contracts.ts';
import { imageRef } from './ports.ts';

/** How a parameter is drawn. Everything else the form needs (range, step, default, choices) is in the schema. */
export interface FieldInfo {
  readonly label: string;
  /** One sentence for the tooltip. */
  readonly hint?: string;
  readonly unit?: 'px' | '%' | 'steps' | '×';
  readonly control?: 'slider' | 'textarea' | 'seed' | 'image' | { readonly model: ModelKind };
  /** Folded away until asked for. */
  readonly advanced?: boolean;
  /** Names of choices that are not good words by themselves. */
  readonly choices?: Readonly<Record<string, string>>;
}
export const fields = z.registry<FieldInfo>();

/** A model chosen by its id; the picker lists what is installed. */
export const model = (kind: ModelKind, preset: string, label = 'Model') =>
  z
    .string()
    .min(1, 'Choose a model.')
    .default(preset)
    .register(fields, { label, control: { model: kind } });

const largestSeed = 2n ** 64n - 1n;

/**
 * A 64-bit seed. Documents keep it as digits or as a whole number that JavaScript holds exactly; code gets a bigint, so
 * that no seed is ever rounded.
 */
export const seed = () =>
  z
    .union([
      z.int('A seed beyond 9007199254740991 must be written as text, or it would be rounded.').nonnegative(),
      z.string().regex(/^\d{1,20}$/, 'Expected a seed of digits only.'),
      z.bigint(),
    ])
    .transform((value) => BigInt(value))
    .refine((value) => value >= 0n && value <= largestSeed, 'Expected a seed between 0 and 18446744073709551615.')
    .default(0n)
    .register(fields, { label: 'Seed', control: 'seed', hint: 'The same seed gives the same picture.' });

/** A picture from the content store, put there by an upload. */
export const picture = (label: string) =>
  imageRef
    .clone()
    .optional()
    .refine((value) => value !== undefined, 'Choose a picture, or drop one here.')
    .register(fields, { label, control: 'image' });
