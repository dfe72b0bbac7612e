import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decode } from '../../models/pixels.ts';
import { createPreviews } from '../../server/store/previews.ts';

let folder: string;
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'aria-previews-')), 'previews');
});
afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

const grey = (side: number) => ({
  width: side,
  height: side,
  channels: 3 as const,
  data: new Uint8Array(side * side * 3).fill(90),
});

test('a preview is a small picture that is found by its digest', async () => {
  const previews = createPreviews(folder);
  const digest = await previews.write(grey(1024));
  const bytes = await previews.read(digest);
  expect(await decode(bytes ?? new Uint8Array(), { pixels: 1e6, bytes: 1e6 })).toMatchObject({
    width: 256,
    height: 256,
  });
});

test('small previews are not enlarged, and equal ones are one file', async () => {
  const previews = createPreviews(folder);
  const digest = await previews.write(grey(16));
  expect(await previews.write(grey(16))).toBe(digest);
  expect(await readdir(folder)).toEqual([`${digest}.webp`]);
});

test('there is nothing under a digest that is none, nor before the first preview', async () => {
  const previews = createPreviews(folder);
  expect(await previews.read('../secret')).toBeUndefined();
  expect(await previews.read('0'.repeat(64))).toBeUndefined();
  await previews.sweep();
});

test('sweeping removes what is ten minutes old', async () => {
  const previews = createPreviews(folder);
  const old = await previews.write(grey(8));
  const young = await previews.write(grey(16));
  const then = new Date(Date.now() - 11 * 60_000);
  await utimes(path.join(folder, `${old}.webp`), then, then);
  await previews.sweep();
  expect(await previews.read(old)).toBeUndefined();
  expect(await previews.read(young)).toBeDefined();
});
