import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGallery } from '../../server/store/gallery.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'aria-gallery-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(file: string, seconds: number, content = 'picture'): Promise<void> {
  const place = path.join(folder, file);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, content);
  await utimes(place, seconds, seconds);
}

test('pictures come newest first, a page at a time, until there are no more', async () => {
  await put('2024/12/31/old-1.png', 100);
  await put('2025/03/09/first-1.png', 200);
  await put('2025/03/09/second-1.png', 300);
  await put('2025/10/01/late-1.png', 400);
  const gallery = createGallery(folder);
  const pages = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await gallery.list(2, after);
    pages.push(page.pictures.map(({ file }) => file));
    after = page.after;
  }
  expect(pages).toEqual([
    ['2025/10/01/late-1.png', '2025/03/09/second-1.png'],
    ['2025/03/09/first-1.png', '2024/12/31/old-1.png'],
  ]);
  const [latest] = (await gallery.list(1)).pictures;
  expect(latest).toEqual({ file: '2025/10/01/late-1.png', bytes: 7, time: 400_000 });
});

test('what is no picture of the gallery is not listed', async () => {
  await put('2025/03/09/notes.txt', 100);
  await put('2025/03/09/.hidden.png', 100);
  await put('2025/03/09/being-written-1.png', 100, '');
  await put('holiday/03/09/photo.png', 100);
  expect(await createGallery(folder).list(10)).toEqual({ pictures: [] });
});

test('an empty gallery has no pictures, and a deleted picture is gone from the list', async () => {
  const gallery = createGallery(folder);
  expect(await gallery.list(10)).toEqual({ pictures: [] });
  await put('2025/03/09/first-1.png', 200);
  await gallery.remove('2025/03/09/first-1.png');
  await gallery.remove('2025/03/09/first-1.png');
  expect(await gallery.list(10)).toEqual({ pictures: [] });
});

test('nothing outside the gallery can be deleted', async () => {
  await put('secret.png', 1);
  await createGallery(folder).remove('2025/03/09/../../../secret.png');
  await expect(writeFile(path.join(folder, 'secret.png'), '', { flag: 'wx' })).rejects.toThrow('EEXIST');
});
