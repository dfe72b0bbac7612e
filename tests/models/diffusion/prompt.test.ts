import { beforeAll, describe, expect, test } from 'vitest';
import { chunksOf, encodePrompt } from '../../../models/diffusion/prompt.ts';
import { segmentsIn } from '../../../models/diffusion/prompt-syntax.ts';
import { loadTokenizer, type Tokenizer } from '../../../models/diffusion/tokenizer.ts';
import { bundledTokenizer } from '../../parity/bundled.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(bundledTokenizer);
});

/** An encoder whose hidden states are the ids themselves, [rows, 77, 1]. */
async function identity(ids: Int32Array, rows: number) {
  return { dims: [rows, 77, 1], data: Float32Array.from(ids) };
}

const { signal } = new AbortController();

// Agreement with ComfyUI's segments, chunks and encodings is checked in tests/parity.
describe('weights in a prompt', () => {
  test.each(['(a:nan)', '(a:inf)', '(a:-inf)', '(a:1e999)', '(a:1,2)', '(a:0x10)', '(a:)'])(
    '%s has no number and stays text',
    (text) => {
      expect(segmentsIn(text)).toEqual([{ text: text.slice(1, -1), weight: 1.1 }]);
    },
  );

  test('a number is read as Python reads it', () => {
    const weightOf = (number: string) => segmentsIn(`(a:${number})`)[0]?.weight;
    expect(['1_0', ' +.5 ', '2.', '1e-1', '-0'].map(weightOf)).toEqual([10, 0.5, 2, 0.1, -0]);
  });

  test('thousands of brackets are neither too deep nor too heavy', () => {
    const [segment] = segmentsIn(`${'('.repeat(4000)}a${')'.repeat(4000)}`);
    expect(segment?.text).toBe('a');
    expect(Number.isFinite(segmentsIn(`${'('.repeat(8000)}a${')'.repeat(8000)}`)[0]?.weight)).toBe(true);
  });
});

describe('chunks', () => {
  const words = (count: number) => Array.from({ length: count }, () => 'cat').join(' ');

  test('75 tokens fill one chunk, 76 begin a second', () => {
    expect(chunksOf(words(75), tokenizer)).toHaveLength(1);
    const chunks = chunksOf(words(76), tokenizer);
    expect(chunks.map(({ ids }) => ids.filter((id) => id === 2368).length)).toEqual([75, 1]);
    expect(chunks.every(({ ids }) => ids.length === 77 && ids[0] === tokenizer.bos)).toBe(true);
  });

  test('a weighted segment of seven tokens moves whole, one of eight is cut', () => {
    const catsIn = (tail: number) =>
      chunksOf(`${words(70)}(${words(tail)}:1.5)`, tokenizer).map(
        ({ weights }) => weights.filter((weight) => weight === 1.5).length,
      );
    expect(catsIn(7)).toEqual([0, 7]);
    expect(catsIn(8)).toEqual([5, 3]);
  });

  test('a chunk that ends early is padded with the tokenizer own padding', () => {
    const { ids } = chunksOf('cat', { ...tokenizer, pad: 0 })[0] ?? { ids: [] };
    expect(ids.slice(0, 5)).toEqual([tokenizer.bos, 2368, tokenizer.eos, 0, 0]);
  });
});

describe('encoding', () => {
  test('a weight moves a state away from that of the empty prompt, and only there', async () => {
    const { hidden } = await encodePrompt({ tokenizer, encodeTokens: identity, text: 'cat (cat:3)', signal });
    expect(hidden.dims).toEqual([1, 77, 1]);
    const empty = tokenizer.eos;
    expect([...hidden.data.slice(0, 4)]).toEqual([tokenizer.bos, 2368, (2368 - empty) * 3 + empty, empty]);
  });

  test('without weights the encoder sees the chunks alone', async () => {
    const seen: number[] = [];
    const encodeTokens = (ids: Int32Array, rows: number) => {
      seen.push(rows);
      return identity(ids, rows);
    };
    await encodePrompt({ tokenizer, encodeTokens, text: 'cat', signal });
    await encodePrompt({ tokenizer, encodeTokens, text: '(cat)', signal });
    expect(seen).toEqual([1, 2]);
  });

  test('nothing is encoded once stopped', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    const encodeTokens = () => Promise.reject(new Error('encoded'));
    await expect(encodePrompt({ tokenizer, encodeTokens, text: '', signal: stopped })).rejects.toThrow('stopped');
  });
});
