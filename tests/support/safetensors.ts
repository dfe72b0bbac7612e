import { readFile, writeFile } from 'node:fs/promises';
import { readSafetensors } from '../../models/weights/safetensors.ts';
import type { TensorEntry } from '../../models/weights/weight-source.ts';

/** A tensor to write: its type as safetensors spells it, and its little-endian bytes. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Writes a small, sound safetensors file. */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  let position = 0;
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [position, position + bytes.byteLength] };
    position += bytes.byteLength;
  }
  await writeFile(file, [headerBytes(header), ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

/** A header as it stands at the start of a file: its length, then JSON padded to eight bytes. */
export function headerBytes(header: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** All float32 and int32 tensors of a file as plain numbers. */
export async function readTensors(file: string): Promise<Map<string, { dims: readonly number[]; data: Float32Array }>> {
  const { tensors } = await readSafetensors(file);
  const bytes = await readFile(file);
  return new Map([...tensors].map(([name, entry]) => [name, { dims: entry.shape, data: numbersOf(bytes, entry) }]));
}

function numbersOf(bytes: Buffer, { type, offset, length }: TensorEntry): Float32Array {
  const own = new Uint8Array(bytes.subarray(offset, offset + length)).buffer;
  if (type === 'float32') return new Float32Array(own);
  if (type === 'int32') return Float32Array.from(new Int32Array(own));
  throw new TypeError(`Expected float32 or int32 but received ${type}`);
}
