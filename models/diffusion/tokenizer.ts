import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { ModelError } from '../errors.ts';
import { BytePairs } from './byte-pairs.ts';

/** Text to the token ids of a CLIP text encoder. */
export interface Tokenizer {
  /** Ids of the text alone: no begin, no end, no padding, any length. Never throws. */
  readonly encode: (text: string) => number[];
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  /** How many positions the text encoder has, begin and end included. */
  readonly length: 77;
}

/**
 * Reads `vocab.json`, `merges.txt` and, where present, `special_tokens_map.json` and `tokenizer_config.json`.
 * Rejects with `ModelError` when a file is missing or is not what it should be.
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const [vocabulary, merges, map, config] = await Promise.all([
    readJson(folder, 'vocab.json', z.record(z.string(), z.int().nonnegative())),
    readText(folder, 'merges.txt'),
    readJson(folder, 'special_tokens_map.json', specialTokens, {}),
    readJson(folder, 'tokenizer_config.json', specialTokens, {}),
  ]);
  const named = (kind: keyof typeof defaults): string => map[kind] ?? config[kind] ?? defaults[kind];
  const ids = new Map(Object.entries(vocabulary));
  const idOf = (name: string): number => {
    const id = ids.get(name);
    if (id !== undefined) return id;
    throw new ModelError(
      folder,
      `Expected the token ${name} in vocab.json of ${nameOf(folder)} but it is not there; the folder may be of another model.`,
    );
  };
  const [bos, eos, pad] = [idOf(named('bos_token')), idOf(named('eos_token')), idOf(named('pad_token'))];
  const pairs = new BytePairs(pairsIn(merges), (symbol) => ids.get(symbol) ?? eos);
  const marks = new Map([
    [named('bos_token'), bos],
    [named('eos_token'), eos],
  ]);
  return { encode: (text) => encode(text, pairs, marks), bos, eos, pad, length: 77 };
}

const defaults = { bos_token: '<|startoftext|>', eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' };

const token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const specialTokens = z.object({ bos_token: token.nullish(), eos_token: token.nullish(), pad_token: token.nullish() });

async function readText(folder: string, name: string): Promise<string> {
  try {
    return await readFile(path.join(folder, name), 'utf8');
  } catch (cause) {
    throw new ModelError(
      folder,
      `Expected ${name} for the tokenizer in ${nameOf(folder)} but it cannot be read; add the file.`,
      { cause },
    );
  }
}

async function readJson<Value>(folder: string, name: string, schema: z.ZodType<Value>, absent?: Value): Promise<Value> {
  const file = path.join(folder, name);
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isAbsent && absent !== undefined) return absent;
    throw new ModelError(
      folder,
      `Expected a CLIP tokenizer's ${name} but the one in ${nameOf(folder)} cannot be read as one; replace the file.`,
      { cause },
    );
  }
}

function pairsIn(merges: string): [string, string][] {
  const lines = merges.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#version'));
  return lines.map((line) => {
    const [left = '', right = ''] = line.trim().split(' ');
    return [left, right];
  });
}

/** Bytes as printable characters, as OpenAI's GPT-2 writes them in vocabularies. */
const byteCharacters = Array.from({ length: 256 }, (_, byte) => {
  const printable = (value: number) => (value > 32 && value < 127) || (value > 160 && value !== 173);
  const hiddenBefore = Array.from({ length: byte }, (_, value) => value).filter((value) => !printable(value)).length;
  return String.fromCodePoint(printable(byte) ? byte : 256 + hiddenBefore);
});

const words = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/giu;
const utf8 = new TextEncoder();

function encode(text: string, pairs: BytePairs, marks: ReadonlyMap<string, number>): number[] {
  const known = new Map<string, number[]>();
  const wordIds = (word: string): number[] => {
    const symbols = Array.from(utf8.encode(word), (byte) => byteCharacters[byte] ?? '');
    symbols.push(`${symbols.pop()}</w>`);
    return pairs.encode(symbols);
  };
  return split(text, marks).flatMap((part) => {
    const mark = marks.get(part);
    if (mark !== undefined) return [mark];
    return (cleaned(part).match(words) ?? []).flatMap((word) => {
      const mark = marks.get(word);
      const ids = mark === undefined ? (known.get(word) ?? wordIds(word)) : [mark];
      known.set(word, ids);
      return ids;
    });
  });
}

/** The text cut before and after each special token that is written out in it. */
function split(text: string, marks: ReadonlyMap<string, number>): string[] {
  let parts = [text];
  for (const mark of marks.keys()) {
    parts = parts.flatMap((part) =>
      part.split(mark).flatMap((piece, index) => (index === 0 ? [piece] : [mark, piece])),
    );
  }
  return parts;
}

/**
 * The preparation of transformers' CLIPTokenizer without ftfy, which ComfyUI runs on: control and format characters
 * go, ideographs stand alone, characters are composed, and everything is in lower case.
 */
function cleaned(text: string): string {
  return text
    .replace(/[\t\n\r\p{Zs}]/gu, ' ')
    .replace(/\p{C}|\ufffd/gu, '')
    .replace(ideographs, ' $& ')
    .normalize('NFC')
    .split(/\s+/u)
    .map((word) => word.toLowerCase())
    .join(' ');
}

/** The CJK blocks of BERT's BasicTokenizer. */
const ideographs =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

/** The last two folders of a path: enough to find the model, and nothing of the machine. */
const nameOf = (folder: string) => path.resolve(folder).split(path.sep).slice(-2).join('/');
