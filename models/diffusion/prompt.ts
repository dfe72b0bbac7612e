import type { Conditioning, Tensor } from '../contracts.ts';
import { segmentsIn } from './prompt-syntax.ts';
import type { Tokenizer } from './tokenizer.ts';

/** One filling of the text encoder: `length` positions with the weight of each and the number of its segment. */
export interface Chunk {
  readonly ids: readonly number[];
  readonly weights: readonly number[];
  /** 1 for the first segment; 0 for begin, end and padding. */
  readonly segments: readonly number[];
}

/** A batch of token rows to hidden states [rows, 77, width]. */
export type EncodeTokens = (ids: Int32Array, rows: number) => Promise<Tensor>;

/**
 * Encodes a weighted prompt of any length like ComfyUI: hidden states [1, 77·chunks, width], where a weight w moves a
 * position away from the empty prompt's state at that position, z' = (z − z_empty)·w + z_empty.
 * Rejects with the signal's reason when stopped. Prompts of different lengths are matched later, by `guidanceBatches`.
 */
export async function encodePrompt(options: {
  tokenizer: Tokenizer;
  encodeTokens: EncodeTokens;
  text: string;
  signal: AbortSignal;
}): Promise<Conditioning> {
  const { tokenizer, encodeTokens, signal } = options;
  const chunks = chunksOf(options.text, tokenizer);
  const isWeighted = chunks.some(({ weights }) => weights.some((weight) => weight !== 1));
  const rows = isWeighted ? [...chunks, ...chunksOf('', tokenizer)] : chunks;

  signal.throwIfAborted();
  const { dims, data } = await encodeTokens(Int32Array.from(rows.flatMap(({ ids }) => ids)), rows.length);
  const width = dims[2] ?? 0;
  const size = chunks.length * tokenizer.length * width;
  const hidden = { dims: [1, chunks.length * tokenizer.length, width], data: data.slice(0, size) };
  if (isWeighted)
    applyWeights(
      hidden.data,
      data.subarray(size),
      width,
      chunks.flatMap(({ weights }) => weights),
    );
  return { hidden };
}

function applyWeights(hidden: Float32Array, empty: Float32Array, width: number, weights: readonly number[]): void {
  for (const [position, weight] of weights.entries()) {
    if (weight === 1) continue;
    for (let index = position * width; index < (position + 1) * width; index++) {
      const base = empty[index % empty.length] ?? 0;
      hidden[index] = ((hidden[index] ?? 0) - base) * weight + base;
    }
  }
}

// From this many tokens on a segment is cut at the end of a chunk; a shorter one moves to the next chunk whole.
const cutFrom = 8;

/** The prompt in fillings of the encoder, at least one (comfy/sd1_clip.py, tokenize_with_weights). */
export function chunksOf(text: string, tokenizer: Tokenizer): Chunk[] {
  const room = tokenizer.length - 2;
  const chunks: Position[][] = [[]];
  const segments = segmentsIn(text).filter((segment) => segment.text !== '');
  for (const [index, { text: part, weight }] of segments.entries()) {
    let rest: Position[] = tokenizer.encode(part).map((id) => ({ id, weight, segment: index + 1 }));
    const isLong = rest.length >= cutFrom;
    while (rest.length > 0) {
      const open = chunks[chunks.length - 1] ?? [];
      const fits = rest.length <= room - open.length;
      const taken = fits ? rest.length : isLong ? room - open.length : 0;
      open.push(...rest.slice(0, taken));
      rest = rest.slice(taken);
      if (!fits) chunks.push([]);
    }
  }
  return chunks.map((positions) => filled(positions, tokenizer));
}

interface Position {
  readonly id: number;
  readonly weight: number;
  readonly segment: number;
}

function filled(positions: readonly Position[], { bos, eos, pad, length }: Tokenizer): Chunk {
  const all = Array.from({ length }, (_, index): Position => {
    if (index === 0) return { id: bos, weight: 1, segment: 0 };
    return positions[index - 1] ?? { id: index === positions.length + 1 ? eos : pad, weight: 1, segment: 0 };
  });
  return {
    ids: all.map(({ id }) => id),
    weights: all.map(({ weight }) => weight),
    segments: all.map(({ segment }) => segment),
  };
}
