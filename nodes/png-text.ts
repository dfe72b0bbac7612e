import { type Chunk, chunksOf, isIntact, joined, makeChunk, PngError, pngOf } from './png-chunks.ts';

const textChunks = new Set(['tEXt', 'zTXt', 'iTXt']);
// A text of a few bytes can inflate to gigabytes.
const longestText = 16 << 20;
const utf8 = new TextDecoder('utf-8');

/**
 * The texts of a PNG by keyword (tEXt, zTXt, iTXt; the first of each keyword), in the browser and on the server. Rejects with
 * `PngError` when the file is no PNG or cut short, or when a text is damaged or inflates beyond 16 MB.
 */
export async function readPngText(png: Uint8Array): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const chunk of chunksOf(png)) {
    if (!textChunks.has(chunk.type)) continue;
    if (!isIntact(chunk)) throw damaged();
    const { keyword, text } = await readText(chunk);
    if (!texts.has(keyword)) texts.set(keyword, text);
  }
  return texts;
}

/** The PNG with these texts right after its header, in place of earlier ones of the same keyword; pixels are untouched. */
export function withPngText(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array {
  const added = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  const replaced = (chunk: Chunk) => textChunks.has(chunk.type) && Object.hasOwn(texts, keywordOf(chunk.data));
  const kept = chunksOf(png).filter((chunk) => !replaced(chunk));
  return pngOf([...kept.slice(0, 1), ...added, ...kept.slice(1)]);
}

/** JSON in ASCII alone, so that every reader of a Latin-1 text gets it back unharmed. */
export function asciiJson(value: unknown): string {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped);
}

async function readText({ type, data }: Chunk): Promise<{ keyword: string; text: string }> {
  const keyword = keywordOf(data);
  const start = keyword.length + 1;
  if (type === 'tEXt') return { keyword, text: latin1(data.subarray(start)) };
  if (type === 'zTXt') return { keyword, text: latin1(await inflate(data.subarray(start + 1))) };
  // Keyword, 0, compressed, method, language, 0, translated keyword, 0, text.
  const language = afterZero(data, start + 2);
  const body = data.subarray(afterZero(data, language));
  return { keyword, text: utf8.decode(data[start] === 1 ? await inflate(body) : body) };
}

function afterZero(data: Uint8Array, from: number): number {
  const zero = data.indexOf(0, from);
  if (zero < 0) throw damaged();
  return zero + 1;
}

function keywordOf(data: Uint8Array): string {
  return latin1(data.subarray(0, afterZero(data, 0) - 1));
}

// TextDecoder's "latin1" is Windows-1252, which gives other letters from 128 to 159.
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096) parts.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  return parts.join('');
}

async function inflate(data: Uint8Array): Promise<Uint8Array> {
  const reader = new Blob([joined([data])]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const parts: Uint8Array[] = [];
  for (let length = 0; length <= longestText; ) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw damaged(cause);
    });
    if (done) return joined(parts);
    parts.push(value);
    length += value.length;
  }
  await reader.cancel();
  throw new PngError('Expected a text of at most 16 MB in the PNG file but it is longer.');
}

function textChunk(keyword: string, text: string): Chunk {
  if (!/^[\x20-\x7e]{1,79}$/.test(keyword)) {
    throw new PngError(`Expected 1 to 79 plain letters for a keyword but received ${JSON.stringify(keyword)}.`);
  }
  const plain = /^[\t\n\x20-\x7e]*$/.test(text);
  const bytes = new TextEncoder().encode(plain ? `${keyword}\0${text}` : `${keyword}\0\0\0\0\0${text}`);
  return makeChunk(plain ? 'tEXt' : 'iTXt', bytes);
}

function damaged(cause?: unknown): PngError {
  return new PngError('Expected a whole PNG file but a text in it is damaged.', { cause });
}
