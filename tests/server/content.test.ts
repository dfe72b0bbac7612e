import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createContentStore } from '../../server/store/content.ts';
import { asDiskFull, DiskFullError } from '../../server/store/disk-full.ts';
import { temporaryFolder } from '../support/machine.ts';

const bytes = new TextEncoder().encode('abc');
// FIPS 180-2, appendix B.1.
const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const age = (file: string) => utimesSync(file, new Date(0), new Date(0));

test('bytes are kept under their SHA-256, once', async () => {
  const folder = temporaryFolder();
  const store = createContentStore(folder);
  expect(await store.write(bytes)).toBe(digest);
  expect(await store.write(bytes)).toBe(digest);
  expect(store.path(digest)).toBe(path.join(folder, 'ba', digest));
  expect(await store.read(digest)).toEqual(Buffer.from(bytes));
  expect(await store.size(digest)).toBe(3);
  expect(readdirSync(path.join(folder, 'ba'))).toEqual([digest]);
  expect(readdirSync(path.join(folder, '.part'))).toEqual([]);
});

test('another process sees what was written', async () => {
  const folder = temporaryFolder();
  await createContentStore(folder).write(bytes);
  const other = createContentStore(folder);
  expect(other.isVerified(digest)).toBe(false);
  expect(await other.has(digest)).toBe(true);
  expect(other.isVerified(digest)).toBe(true);
});

test('a damaged file is noticed, deleted and can be written again', async () => {
  const store = createContentStore(temporaryFolder());
  await store.write(bytes);
  writeFileSync(store.path(digest), 'abd');
  expect(store.isVerified(digest)).toBe(false);
  await expect(store.read(digest)).rejects.toMatchObject({ name: 'ContentError', reason: 'damaged', digest });
  expect(await store.size(digest)).toBeUndefined();
  expect(await store.write(bytes)).toBe(digest);
  expect(await store.has(digest)).toBe(true);
});

test('a damaged file is replaced by writing the same bytes', async () => {
  const store = createContentStore(temporaryFolder());
  await store.write(bytes);
  writeFileSync(store.path(digest), '');
  await store.write(bytes);
  expect(readFileSync(store.path(digest), 'utf8')).toBe('abc');
});

test('what is not there is missing, and what is no digest too', async () => {
  const store = createContentStore(temporaryFolder());
  expect(await store.has(digest)).toBe(false);
  await expect(store.read(digest)).rejects.toMatchObject({ reason: 'missing' });
  await expect(store.read('../../etc/passwd')).rejects.toMatchObject({ name: 'ContentError' });
  await store.write(bytes);
  rmSync(store.path(digest));
  expect(store.isVerified(digest)).toBe(false);
  expect(await store.has(digest)).toBe(false);
});

test('removing spares what is kept and what is young', async () => {
  const store = createContentStore(temporaryFolder());
  await store.write(bytes);
  expect(await store.remove(digest, 60_000)).toBe(0);
  age(store.path(digest));
  await store.keep(digest);
  expect(await store.remove(digest, 60_000)).toBe(0);
  rmSync(`${store.path(digest)}.kept`);
  expect(await store.remove(digest, 60_000)).toBe(3);
  expect(await store.has(digest)).toBe(false);
  expect(await store.remove(digest, 0)).toBe(0);
});

test('writing what is there makes it young again', async () => {
  const store = createContentStore(temporaryFolder());
  await store.write(bytes);
  age(store.path(digest));
  await store.write(bytes);
  expect(await store.remove(digest, 60_000)).toBe(0);
});

test('only old leftovers of interrupted writes are swept', async () => {
  const folder = temporaryFolder();
  const store = createContentStore(folder);
  await store.write(bytes);
  for (const name of ['old', 'young']) writeFileSync(path.join(folder, '.part', name), 'half');
  age(path.join(folder, '.part', 'old'));
  await store.sweep();
  expect(readdirSync(path.join(folder, '.part'))).toEqual(['young']);
});

test('a full disk is one clear sentence', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const error = asDiskFull(full, 2_500_000, 'a picture');
  expect(error).toBeInstanceOf(DiskFullError);
  expect(error).toMatchObject({
    message: 'Expected room for a picture of 2.5 MB but the disk is full; free some space and run again.',
    cause: full,
  });
  const other = new Error('EACCES');
  expect(asDiskFull(other, 1, 'a picture')).toBe(other);
});
