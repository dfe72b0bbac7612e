import { expect, test } from 'vitest';
import type { Pixels } from '../../models/contracts.ts';
import { encodePng, encodeSmall } from '../../models/pixels.ts';
import { createContentStore } from '../../server/store/content.ts';
import { createImages } from '../../server/store/images.ts';
import { temporaryFolder } from '../support/machine.ts';

const never = new AbortController().signal;

function open(limits?: { pixels: number; bytes: number }) {
  const content = createContentStore(temporaryFolder());
  return { content, images: createImages(content, limits) };
}

/** Every pixel tells its place: red is the column, green the row. */
function places(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set([pixel % width, Math.floor(pixel / width), 0], pixel * 3);
  }
  return { width, height, channels: 3, data };
}

test('what is written is read back to the last bit, and equal pictures are one', async () => {
  const { images } = open();
  const picture = places(7, 5);
  const ref = await images.write(picture);
  expect(ref).toMatchObject({ width: 7, height: 5 });
  expect(await images.read(ref, never)).toEqual(picture);
  expect(await images.write(places(7, 5))).toEqual(ref);
});

test('a picture that is gone is refused, and a stop comes first', async () => {
  const { images } = open();
  const ref = { digest: 'a'.repeat(64), width: 1, height: 1 };
  await expect(images.read(ref, never)).rejects.toThrow('no longer there');
  await expect(images.read(ref, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});

test('a picture that covers a size is cut around its middle', async () => {
  const { images } = open();
  const ref = await images.write(places(16, 8));
  const covered = await images.read(ref, never, { width: 8, height: 8 });
  expect(covered).toMatchObject({ width: 8, height: 8, channels: 3 });
  expect([...covered.data.slice(0, 2)]).toEqual([4, 0]);
  expect([...covered.data.slice(-3, -1)]).toEqual([11, 7]);
});

test('a picture of another shape is scaled until it covers', async () => {
  const { images } = open();
  const ref = await images.write(places(30, 20));
  expect(await images.read(ref, never, { width: 64, height: 128 })).toMatchObject({ width: 64, height: 128 });
});

test('transparency lies over white where a size is asked for', async () => {
  const { images } = open();
  const data = new Uint8Array([0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 128, 10, 20, 30, 255]);
  const ref = await images.write({ width: 2, height: 2, channels: 4, data });
  const flat = await images.read(ref, never, { width: 2, height: 2 });
  expect([...flat.data]).toEqual([255, 255, 255, 255, 0, 0, 127, 127, 127, 10, 20, 30]);
  expect((await images.read(ref, never)).channels).toBe(4);
});

test('an upload is kept as it is, for good', async () => {
  const { images, content } = open();
  const bytes = await encodeSmall(places(9, 6), { format: 'jpeg', quality: 90 });
  const ref = await images.accept(bytes, never);
  expect(ref).toMatchObject({ width: 9, height: 6 });
  expect(await content.read(ref.digest)).toEqual(Buffer.from(bytes));
  expect(await content.remove(ref.digest, 0)).toBe(0);
});

test('what is no picture, damaged or too large does not come in', async () => {
  const { images } = open({ pixels: 100, bytes: 10_000 });
  const refused = (bytes: Uint8Array) =>
    expect(images.accept(bytes, never)).rejects.toMatchObject({ name: 'ImageError' });
  await refused(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'));
  await refused((await encodePng(places(10, 10))).slice(0, 90));
  await refused(await encodePng(places(11, 10)));
  await refused(new Uint8Array(10_001));
});
