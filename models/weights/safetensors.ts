import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { ModelError } from '../errors.ts';
import type { ElementType } from './onnx-proto.ts';
import { sizeOf, type TensorEntry } from './weight-source.ts';

/** What a safetensors file says about itself: every tensor's place, and the writer's notes. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

const storedTypes: Record<string, { type: ElementType; bytes: number }> = {
  F64: { type: 'float64', bytes: 8 },
  F32: { type: 'float32', bytes: 4 },
  F16: { type: 'float16', bytes: 2 },
  BF16: { type: 'bfloat16', bytes: 2 },
  I64: { type: 'int64', bytes: 8 },
  I32: { type: 'int32', bytes: 4 },
  I16: { type: 'int16', bytes: 2 },
  I8: { type: 'int8', bytes: 1 },
  U8: { type: 'uint8', bytes: 1 },
  BOOL: { type: 'bool', bytes: 1 },
};

/** The limit of the reference implementation (safetensors, src/tensor.rs, MAX_HEADER_SIZE). */
const longestHeader = 100_000_000;
const prefixLength = 8;

const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());
const headerSchema = z.record(z.string(), z.unknown());

/**
 * Reads and checks the header of a safetensors file; the weights themselves are not read.
 * Format: header length as u64 little-endian, JSON, then the tensors' bytes without gaps or overlaps.
 * Throws `ModelError` when the file is missing, empty, cut short, a pickle, or breaks any of these rules.
 */
export async function readSafetensors(file: string): Promise<SafetensorsHeader> {
  const label = path.basename(file);
  await using handle = await openModelFile(file);
  const { size } = await handle.stat();
  const headerLength = await readHeaderLength(handle, size, label);
  const dataStart = prefixLength + headerLength;
  const { __metadata__: notes, ...entries } = parseHeader(await readBytes(handle, prefixLength, headerLength), label);
  const tensors = Object.entries(entries).map(([name, entry]) => parseTensor(file, name, entry, dataStart));
  checkRanges(tensors, dataStart, size, label);
  const metadata = metadataSchema.safeParse(notes ?? {});
  if (!metadata.success) throw damaged(label, 'its notes are not text', metadata.error);
  return { tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])), metadata: metadata.data };
}

async function openModelFile(file: string): Promise<FileHandle> {
  const label = path.basename(file);
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new ModelError(label, `${label} cannot be opened; check that the file exists and may be read.`, { cause });
  }
}

async function readHeaderLength(handle: FileHandle, size: number, label: string): Promise<number> {
  if (size === 0) throw new ModelError(label, `${label} is empty; the download did not finish, so get it again.`);
  const prefix = await readBytes(handle, 0, Math.min(prefixLength + 1, size));
  refusePickle(prefix, label);
  refusePointer(prefix, label);
  if (size < prefixLength) throw damaged(label, `it is only ${size} bytes long`);
  const length = prefix.readBigUInt64LE();
  if (length > BigInt(longestHeader)) throw damaged(label, `its header claims ${length} bytes`);
  if (length > BigInt(size - prefixLength)) throw cutShort(label);
  return Number(length);
}

/** Zip archives (torch.save) begin with PK\x03\x04, older pickles with the opcode 0x80 (PROTO) and a version from 2 to 5. */
function refusePickle(start: Buffer, label: string): void {
  const zip = start.subarray(0, 4).toString('latin1') === 'PK\x03\x04';
  const [opcode, protocol = 0] = start;
  // A sound header length may begin with the same two bytes, but then JSON follows it.
  const isJson = start[prefixLength] === '{'.charCodeAt(0);
  const plain = opcode === 0x80 && protocol >= 2 && protocol <= 5 && !isJson;
  if (!zip && !plain) return;
  throw new ModelError(
    label,
    `${label} is a pickle, which may run code when it is opened; get the .safetensors version of this model.`,
  );
}

/** What a clone without Git LFS has in place of the weights: a text file that begins with "version https://git-lfs…". */
function refusePointer(start: Buffer, label: string): void {
  if (start.toString('latin1') !== 'version h') return;
  throw new ModelError(
    label,
    `${label} is a Git LFS pointer and not the model itself; download the file it stands for.`,
  );
}

async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new RangeError(`Expected ${length} bytes at ${position} but the file ends at ${done}`);
    done += bytesRead;
  }
  return buffer;
}

function parseHeader(bytes: Buffer, label: string): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw damaged(label, 'its header is not valid JSON', cause);
  }
}

function parseTensor(file: string, name: string, entry: unknown, dataStart: number): TensorEntry {
  const label = path.basename(file);
  const parsed = tensorSchema.safeParse(entry);
  if (!parsed.success) throw damaged(label, `the entry of tensor ${name} is malformed`, parsed.error);
  const { dtype, shape, data_offsets } = parsed.data;
  const [start, end] = data_offsets;
  const stored = storedTypes[dtype];
  if (!stored) {
    const message = `${label} stores tensor ${name} as ${dtype}, which is not supported; get an fp16 or fp32 version.`;
    throw new ModelError(label, message);
  }
  const length = sizeOf(shape) * stored.bytes;
  if (!Number.isSafeInteger(length) || end - start !== length) {
    throw damaged(label, `tensor ${name} has ${end - start} bytes where its shape needs ${length}`);
  }
  return { file, name, type: stored.type, shape, offset: dataStart + start, length };
}

function checkRanges(tensors: readonly TensorEntry[], dataStart: number, size: number, label: string): void {
  let expected = dataStart;
  for (const { name, offset, length } of tensors.toSorted((a, b) => a.offset - b.offset || a.length - b.length)) {
    if (offset < expected) throw damaged(label, `tensor ${name} overlaps another`);
    if (offset > expected) throw damaged(label, `there is a gap before tensor ${name}`);
    expected = offset + length;
  }
  if (expected > size) throw cutShort(label);
  if (expected < size) throw damaged(label, `${size - expected} bytes follow its last tensor`);
}

function damaged(label: string, reason: string, cause?: unknown): ModelError {
  const options = cause === undefined ? undefined : { cause };
  return new ModelError(label, `${label} is not a sound safetensors file: ${reason}; get it again.`, options);
}

function cutShort(label: string): ModelError {
  return new ModelError(label, `${label} is cut short; the download did not finish, so get it again.`);
}
