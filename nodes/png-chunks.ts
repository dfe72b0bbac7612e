/** Thrown when bytes are no PNG file, or one that is damaged. */
export class PngError extends Error {
  override readonly name = 'PngError';
}

/** A piece of a PNG file: four letters and what belongs to them. */
export interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** Length, type, data and checksum, as they stand in a file. */
  readonly raw: Uint8Array;
}

const signature = [137, 80, 78, 71, 13, 10, 26, 10];
// Length, type and checksum around the data.
const frame = 12;

/** The chunks of a PNG in order. Throws `PngError` where the file is no PNG or cut short; checksums are not compared. */
export function chunksOf(png: Uint8Array): Chunk[] {
  if (png.length === 0) throw new PngError('Expected a PNG file but it is empty.');
  if (signature.some((byte, index) => png[index] !== byte)) throw new PngError('Expected a PNG file but it is none.');
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  for (let at = signature.length; at + frame <= png.length; ) {
    const end = at + frame + view.getUint32(at);
    if (end > png.length) break;
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    chunks.push({ type, data: png.subarray(at + 8, end - 4), raw: png.subarray(at, end) });
    if (type === 'IEND') return chunks;
    at = end;
  }
  throw new PngError('Expected a whole PNG file but it is cut short.');
}

/** False where a bit of the chunk was changed since it was written. */
export function isIntact({ raw }: Chunk): boolean {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return view.getUint32(raw.length - 4) === crc32(raw.subarray(4, -4));
}

/** A chunk with its checksum. */
export function makeChunk(type: string, data: Uint8Array): Chunk {
  const raw = new Uint8Array(data.length + frame);
  const view = new DataView(raw.buffer);
  view.setUint32(0, data.length);
  raw.set(new TextEncoder().encode(type), 4);
  raw.set(data, 8);
  view.setUint32(data.length + 8, crc32(raw.subarray(4, -4)));
  return { type, data, raw };
}

/** The chunks as a PNG file; those that came from a file are copied as they were. */
export function pngOf(chunks: readonly Chunk[]): Uint8Array {
  return joined([Uint8Array.from(signature), ...chunks.map(({ raw }) => raw)]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in PNG (ISO 3309) and zip. */
function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (remainders[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
