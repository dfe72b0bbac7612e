import type { Tensor } from '../contracts.ts';

/** One call of the network: a context [weights.length·images, tokens, width] and what each part counts in the sum. */
export interface GuidanceBatch {
  readonly context: Tensor;
  readonly weights: readonly number[];
}

// ComfyUI stretches prompts of different lengths to their least common multiple up to this factor, and beyond it
// evaluates them one after the other (comfy/conds.py, CONDCrossAttn).
const longestStretch = 4;

/**
 * The evaluations a guided step needs: negative and positive together in one batch, the positive alone at guidance 1.
 * A shorter prompt is repeated on the token axis to the length of the other; attention over repeated tokens is
 * attention over the tokens themselves, so repeating changes nothing, where padding would.
 */
export function guidanceBatches(
  { positive, negative, guidance }: { positive: Tensor; negative: Tensor; guidance: number },
  images: number,
): GuidanceBatch[] {
  if (guidance === 1) return [{ context: rows([positive], images), weights: [1] }];
  const tokens = leastCommonMultiple(tokensOf(positive), tokensOf(negative));
  if (tokens > longestStretch * Math.min(tokensOf(positive), tokensOf(negative))) {
    return [
      { context: rows([negative], images), weights: [1 - guidance] },
      { context: rows([positive], images), weights: [guidance] },
    ];
  }
  const stretched = [negative, positive].map((context) => repeatTokens(context, tokens));
  return [{ context: rows(stretched, images), weights: [1 - guidance, guidance] }];
}

function tokensOf({ dims }: Tensor): number {
  const [rowCount, tokens, width] = dims;
  if (rowCount !== 1 || !tokens || !width || dims.length !== 3) {
    throw new RangeError(`Expected [1, tokens, width] for a prompt's encoding but received [${dims.join(', ')}].`);
  }
  return tokens;
}

function repeatTokens(context: Tensor, tokens: number): Tensor {
  const times = tokens / tokensOf(context);
  if (times === 1) return context;
  return { dims: [1, tokens, context.dims[2] ?? 0], data: repeated(context.data, times) };
}

function rows(contexts: readonly Tensor[], images: number): Tensor {
  const [first] = contexts;
  const { length } = first?.data ?? [];
  const data = new Float32Array(length * contexts.length * images);
  for (const [index, context] of contexts.entries()) data.set(repeated(context.data, images), index * length * images);
  return { dims: [contexts.length * images, first?.dims[1] ?? 0, first?.dims[2] ?? 0], data };
}

function repeated(values: Float32Array, times: number): Float32Array {
  const result = new Float32Array(values.length * times);
  for (let index = 0; index < times; index++) result.set(values, index * values.length);
  return result;
}

function leastCommonMultiple(first: number, second: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  return (first * second) / divisor(first, second);
}
