import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGallery, type GalleryOptions } from '../../server/store/gallery.ts';
import { isGalleryFile, safeName } from '../../server/store/gallery-names.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'aria-gallery-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
// Bytes stand for pictures: the gallery keeps them without looking inside.
const picture = (content: string, name = 'portrait', suffix = '7') => ({ png: Buffer.from(content), name, suffix });
const on = (year: number, month: number, day: number, options: GalleryOptions = {}) =>
  createGallery(folder, { now: () => new Date(year, month - 1, day, 23, 59), ...options });
const visible = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !path.join(entry.parentPath, entry.name).includes(`${path.sep}.`))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));

describe('keeping a picture', () => {
  test('puts it into the folder of its day in local time, under its name and seed', async () => {
    const gallery = on(2025, 3, 9);
    expect(await gallery.keep(picture('red'), signal)).toEqual({ file: '2025/03/09/portrait-7.png', already: false });
    expect((await gallery.read('2025/03/09/portrait-7.png')).toString()).toBe('red');
    expect(await visible()).toEqual([path.join('2025', '03', '09', 'portrait-7.png')]);
  });

  test('finds a picture that is there already, after a restart and on another day', async () => {
    await on(2025, 3, 9).keep(picture('red'), signal);
    const kept = { file: '2025/03/09/portrait-7.png', already: true };
    expect(await on(2025, 3, 9).keep(picture('red'), signal)).toEqual(kept);
    expect(await on(2026, 1, 1).keep(picture('red'), signal)).toEqual(kept);
    expect(await visible()).toHaveLength(1);
  });

  test('never replaces another picture of the same name and seed', async () => {
    const gallery = on(2025, 3, 9);
    const files = [];
    for (const content of ['red', 'green', 'blue']) files.push((await gallery.keep(picture(content), signal)).file);
    expect(new Set(files).size).toBe(3);
    expect(files[1]).toMatch(/^2025\/03\/09\/portrait-7-[0-9a-f]{8}\.png$/);
    const contents = await Promise.all(files.map(async (file) => (await gallery.read(file)).toString()));
    expect(contents).toEqual(['red', 'green', 'blue']);
  });

  test('gives distinct names to pictures kept at the same time', async () => {
    const contents = Array.from({ length: 12 }, (_, index) => `picture ${index}`);
    const kept = await Promise.all(contents.map((content) => on(2025, 3, 9).keep(picture(content), signal)));
    const read = await Promise.all(kept.map(async ({ file }) => (await on(2025, 3, 9).read(file)).toString()));
    expect(read).toEqual(contents);
  });

  test('writes it again when the person deleted or changed the file', async () => {
    const gallery = on(2025, 3, 9);
    const { file } = await gallery.keep(picture('red'), signal);
    await rm(path.join(folder, file));
    expect(await gallery.keep(picture('red'), signal)).toEqual({ file, already: false });
    await writeFile(path.join(folder, file), 'RED');
    expect(await gallery.keep(picture('red'), signal)).toMatchObject({ already: false });
    expect(await readFile(path.join(folder, file), 'utf8')).toBe('RED');
  });

  test('finds it under its own name when the index is lost', async () => {
    const gallery = on(2025, 3, 9);
    const { file } = await gallery.keep(picture('red'), signal);
    await rm(path.join(folder, '.index'), { recursive: true });
    expect(await gallery.keep(picture('red'), signal)).toEqual({ file, already: true });
    expect(await on(2026, 1, 1).keep(picture('red'), signal)).toEqual({ file, already: true });
  });

  test('trusts no index entry that leads out of the gallery', async () => {
    const gallery = on(2025, 3, 9);
    await gallery.keep(picture('red'), signal);
    const [entry = ''] = (await readdir(path.join(folder, '.index'), { recursive: true })).filter(
      (name) => name.length > 3,
    );
    await writeFile(path.join(folder, '.index', entry), '../../etc/passwd');
    await rm(path.join(folder, '2025'), { recursive: true });
    expect(await gallery.keep(picture('red'), signal)).toMatchObject({ already: false });
  });

  test('a stop before the file has its name leaves nothing', async () => {
    const stop = new AbortController();
    const write = async (file: string, bytes: Uint8Array | string) => {
      await writeFile(file, bytes);
      stop.abort();
    };
    await expect(on(2025, 3, 9, { write }).keep(picture('red'), stop.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await visible()).toEqual([]);
    expect(await readdir(path.join(folder, '.part'))).toEqual([]);
  });
});

describe('a full disk', () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write '/secret/place'"), { code: 'ENOSPC' });

  test.each([1, 2])('at write %i gives one sentence and leaves no file', async (failing) => {
    let writes = 0;
    const write = async (file: string, bytes: Uint8Array | string) => {
      writes += 1;
      // A full disk takes the first bytes and refuses the rest.
      await writeFile(file, bytes.slice(0, 1));
      if (writes === failing) throw full;
    };
    const refusal = await on(2025, 3, 9, { write })
      .keep(picture('red'), signal)
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      name: 'DiskFullError',
      message: 'Expected room for a gallery picture of 1 kB but the disk is full; free some space and run again.',
      cause: full,
    });
    expect(await visible()).toEqual([]);
    expect(await readdir(path.join(folder, '.part'))).toEqual([]);
    expect(await on(2025, 3, 9).keep(picture('red'), signal)).toMatchObject({ already: false });
  });
});

test('a closed folder is told in one sentence', async () => {
  const closed = Object.assign(new Error("EACCES: permission denied, open '/secret/place'"), { code: 'EACCES' });
  const refusal = on(2025, 3, 9, { write: () => Promise.reject(closed) }).keep(picture('red'), signal);
  await expect(refusal).rejects.toMatchObject({
    name: 'GalleryError',
    message: 'Expected to write to the gallery but its folder is read-only; change its permissions.',
  });
});

describe('reading', () => {
  test.each([
    '../secret.png',
    '2025/03/09/../../../secret.png',
    '2025/03/09/.hidden.png',
    '/etc/passwd',
    '2025/03/09/a\\b.png',
    '',
  ])('refuses %j', async (file) => {
    await writeFile(path.join(folder, 'secret.png'), 'secret');
    await expect(on(2025, 3, 9).read(file)).rejects.toThrow('This picture is no longer in the gallery.');
  });
});

test('sweeping removes old leftovers and nothing else', async () => {
  const gallery = on(2025, 3, 9);
  const { file } = await gallery.keep(picture('red'), signal);
  const old = path.join(folder, '.part', 'old');
  await writeFile(old, 'half a pict');
  await utimes(old, new Date(0), new Date(0));
  await writeFile(path.join(folder, '.part', 'young'), 'half a pict');
  await gallery.sweep();
  expect(await readdir(path.join(folder, '.part'))).toEqual(['young']);
  expect((await gallery.read(file)).toString()).toBe('red');
});

describe('names', () => {
  test('any text becomes one file name that every system takes, and stays itself when made safe again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const name = safeName(text);
        expect(isGalleryFile(`2025/03/09/${name}-7.png`)).toBe(true);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(121);
        expect(name).not.toMatch(/[<>:"/\\|?*\p{Cc}]|^[. ]|[. ]$/u);
        expect(safeName(name)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['portrait', 'portrait'],
    ['../../etc/passwd', '-..-etc-passwd'],
    ['con', '_con'],
    ['NUL.txt', '_NUL.txt'],
    ['console', 'console'],
    ['', 'picture'],
    ['...', 'picture'],
    ['猫の絵', '猫の絵'],
    ['e\u0301t\u00e9', '\u00e9t\u00e9'],
    ['a\u202egnp.exe', 'a-gnp.exe'],
  ])('%j becomes %j', (text, name) => expect(safeName(text)).toBe(name));
});
