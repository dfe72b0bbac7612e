import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelError } from '../../../models/errors.ts';
import { readSafetensors } from '../../../models/weights/safetensors.ts';
import { headerBytes, writeSafetensors } from '../../support/safetensors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Reads these bytes as a file and gives the error's message. */
async function refusal(bytes: Uint8Array, name = 'model.safetensors'): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return refusalOf(file);
}

async function refusalOf(file: string): Promise<string> {
  const error = await readSafetensors(file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelError)) throw new Error(`Expected a ModelError but received ${error}`);
  expect(error.model).toBe(path.basename(file));
  expect(error.message).toContain(path.basename(file));
  expect(error.message, 'a path is private').not.toContain(folder);
  expect(error.message).toMatch(/^[^.].*\.$/s);
  return error.message;
}

/** A file of four bytes of data with one tensor unless told otherwise. */
function file(entries: Record<string, unknown>, dataBytes = 4): Buffer {
  return Buffer.concat([headerBytes(entries), Buffer.alloc(dataBytes)]);
}
const sound = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };

test('every tensor written is found again with its type, shape and place', async () => {
  const name = fc.string({ minLength: 1 }).filter((text) => text !== '__metadata__' && text !== '__proto__');
  const shapes = fc.dictionary(name, fc.array(fc.nat(5), { maxLength: 4 }), { maxKeys: 6 });
  await fc.assert(
    fc.asyncProperty(shapes, async (wanted) => {
      const target = path.join(folder, 'property.safetensors');
      const stored = Object.entries(wanted).map(([key, shape]) => {
        const bytes = new Uint8Array(shape.reduce((product, size) => product * size, 2));
        return [key, { dtype: 'F16', shape, bytes }] as const;
      });
      await writeSafetensors(target, Object.fromEntries(stored), { note: 'yes' });
      const { tensors, metadata } = await readSafetensors(target);
      expect(metadata).toEqual({ note: 'yes' });
      expect([...tensors.keys()].sort()).toEqual(Object.keys(wanted).sort());
      for (const [key, { shape, bytes }] of stored) {
        expect(tensors.get(key)).toMatchObject({ type: 'float16', shape, length: bytes.length });
      }
    }),
    { numRuns: 50 },
  );
});

test('offsets count from the start of the file', async () => {
  const target = path.join(folder, 'offsets.safetensors');
  const tensor = (text: string) => ({ dtype: 'U8', shape: [text.length], bytes: Buffer.from(text) });
  await writeSafetensors(target, { first: tensor('abc'), second: tensor('defgh') });
  const { tensors } = await readSafetensors(target);
  await using handle = await open(target);
  const { offset = 0, length = 0 } = tensors.get('second') ?? {};
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
  expect(buffer.toString()).toBe('defgh');
});

test('a file that is not there is named', async () => {
  expect(await refusalOf(path.join(folder, 'nothing.safetensors'))).toContain('cannot be opened');
});

test('an empty file is refused', async () => {
  expect(await refusal(Buffer.alloc(0))).toContain('is empty');
});

test('a file shorter than its own prefix is refused', async () => {
  expect(await refusal(Buffer.from('abc'))).toContain('only 3 bytes');
});

test.each([
  ['a zip archive', Buffer.from('PK\x03\x04\x00\x00\x08\x08archive/data.pkl', 'latin1')],
  ['an old pickle', Buffer.from([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20])],
  ['a pickle of protocol 4', Buffer.from([0x80, 0x04, 0x95, 0x10, 0, 0, 0, 0, 0, 0, 0])],
])('%s is refused as a pickle whatever its name', async (_, bytes) => {
  for (const name of ['model.safetensors', 'model.ckpt']) {
    const message = await refusal(bytes, name);
    expect(message).toContain('is a pickle');
    expect(message).toContain('get the .safetensors version');
  }
});

test('a header length that begins like a pickle is not taken for one', async () => {
  const filler = { __metadata__: { note: ''.padEnd(610) } };
  const bytes = headerBytes({ ...filler });
  expect([...bytes.subarray(0, 2)], 'the test needs this very length').toEqual([0x80, 0x02]);
  const target = path.join(folder, 'alike.safetensors');
  await writeFile(target, bytes);
  expect((await readSafetensors(target)).tensors.size).toBe(0);
});

test('a pointer of Git LFS is explained', async () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4265146304\n';
  expect(await refusal(Buffer.from(pointer))).toContain('Git LFS pointer');
});

test('a header of 200 GB is refused before anything is reserved for it', async () => {
  const prefix = Buffer.alloc(16);
  prefix.writeBigUInt64LE(200_000_000_000n);
  expect(await refusal(prefix)).toContain('its header claims 200000000000 bytes');
});

test('a header that reaches beyond the end is a download cut short', async () => {
  expect(await refusal(file({ a: sound }).subarray(0, 20))).toContain('is cut short');
});

test('data that end too early are a download cut short', async () => {
  expect(await refusal(file({ a: sound }, 3))).toContain('is cut short');
});

test.each<[string, Buffer, string]>([
  [
    'a header that is no JSON',
    Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a"')]),
    'not valid JSON',
  ],
  ['a header that is no object', headerBytes([1]), 'not valid JSON'],
  ['an entry without offsets', file({ a: { dtype: 'F32', shape: [1] } }), 'entry of tensor a is malformed'],
  ['a negative size', file({ a: { ...sound, shape: [-1] } }), 'entry of tensor a is malformed'],
  ['an unknown type', file({ a: { ...sound, dtype: 'F8_E4M3' } }), 'as F8_E4M3, which is not supported'],
  ['a shape that needs more bytes', file({ a: { ...sound, shape: [2] } }), 'has 4 bytes where its shape needs 8'],
  ['a shape whose size overflows', file({ a: { ...sound, shape: [2 ** 40, 2 ** 40] } }), 'has 4 bytes where'],
  ['reversed offsets', file({ a: { ...sound, data_offsets: [4, 0] } }), 'has -4 bytes where'],
  ['overlapping tensors', file({ a: sound, b: { ...sound, data_offsets: [2, 6] } }, 6), 'tensor b overlaps another'],
  ['the same range twice', file({ a: sound, b: sound }), 'overlaps another'],
  ['a gap', file({ a: sound, b: { ...sound, data_offsets: [8, 12] } }, 12), 'gap before tensor b'],
  ['a gap before the first', file({ a: { ...sound, data_offsets: [4, 8] } }, 8), 'gap before tensor a'],
  ['bytes after the last', file({ a: sound }, 5), '1 bytes follow its last tensor'],
  ['notes that are no text', file({ __metadata__: { n: 1 }, a: sound }), 'notes are not text'],
])('%s is refused', async (_, bytes, message) => {
  expect(await refusal(bytes)).toContain(message);
});
