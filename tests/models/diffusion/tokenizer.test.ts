import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../../models/diffusion/tokenizer.ts';
import { ModelError } from '../../../models/errors.ts';
import { bundledTokenizer } from '../../parity/bundled.ts';
import { golden } from '../../support/networks.ts';

const portraits = path.join(bundledTokenizer, '../aria-portraits/tokenizer');

// Agreement with recorded ids is checked in tests/parity.
describe.each([
  { name: 'CLIP', folder: bundledTokenizer, size: 49408 },
  { name: 'the bundled portraits', folder: portraits, size: 1124 },
  { name: 'the goldens', folder: golden('sd-tiny/tokenizer'), size: 1000 },
])('the vocabulary of $name', ({ folder, size }) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(folder);
  });

  test('ends with the marks of begin and end, and pads with the end', () => {
    expect(tokenizer).toMatchObject({ bos: size - 2, eos: size - 1, pad: size - 1, length: 77 });
  });

  test('encodes any text to its own ids, never to the end mark', () => {
    const isOwn = (id: number) => Number.isInteger(id) && id >= 0 && id < tokenizer.bos;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => tokenizer.encode(text).every(isOwn)),
    );
  });

  test('knows the emoji, right-to-left and ideographic bytes', () => {
    expect(tokenizer.encode('😀 שלום 日本').length).toBeGreaterThan(3);
  });

  test('words do not depend on their neighbours', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    const both = ([a, b]: readonly string[]) => tokenizer.encode(`${a} ${b}`);
    const apart = (words: readonly string[]) => words.flatMap((each) => tokenizer.encode(each));
    fc.assert(fc.property(fc.tuple(word, word), (words) => both(words).join() === apart(words).join()));
  });

  test('takes ten thousand characters without a space', () => {
    const letters = Array.from({ length: 10_000 }, (_, index) =>
      String.fromCharCode(97 + ((index * index + 7 * index) % 26)),
    );
    expect(tokenizer.encode(letters.join('')).length).toBeGreaterThan(1000);
    expect(tokenizer.encode('\ud800'.repeat(10_000))).toEqual([]);
  });
});

test('a small vocabulary gives the ids its trainer gave', async () => {
  const { encode } = await loadTokenizer(portraits);
  expect(encode("hair x-ray zzzzqqq red don't smiling blue")).toEqual([
    545, 343, 268, 81, 64, 344, 89, 89, 89, 89, 80, 80, 336, 575, 67, 570, 6, 339, 650, 578,
  ]);
});

test('special tokens written out in a text are themselves', async () => {
  const { encode, bos, eos } = await loadTokenizer(bundledTokenizer);
  expect(encode('<|startoftext|>!<|endoftext|>')).toEqual([bos, 256, eos]);
});

test('a model that pads with another token says so in its own files', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'aria-tokenizer-'));
  try {
    await writeFile(
      path.join(folder, 'vocab.json'),
      JSON.stringify({ 'a</w>': 0, '!': 1, '<|startoftext|>': 2, '<|endoftext|>': 3 }),
    );
    await writeFile(path.join(folder, 'merges.txt'), '#version: 0.2\n');
    await writeFile(path.join(folder, 'special_tokens_map.json'), JSON.stringify({ pad_token: { content: '!' } }));
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer).toMatchObject({ bos: 2, eos: 3, pad: 1 });
    expect(tokenizer.encode('a b'), 'a byte outside the vocabulary is unknown').toEqual([0, 3]);
    await writeFile(path.join(folder, 'vocab.json'), '{"a": "b"}');
    await expect(loadTokenizer(folder)).rejects.toThrow(ModelError);
    await writeFile(path.join(folder, 'vocab.json'), '{"a": 0}');
    await expect(loadTokenizer(folder)).rejects.toThrow('Expected the token <|startoftext|>');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a folder without a vocabulary is refused by name', async () => {
  await expect(loadTokenizer(os.tmpdir())).rejects.toThrow('vocab.json');
});
