import sharp from 'sharp';
import { expect, test } from 'vitest';
import { ImageError } from '../../models/errors.ts';
import { decode, encodePng, encodeSmall, headerOf, resize } from '../../models/pixels.ts';
import { mostDifferent, plainPicture, testPicture } from '../support/pictures.ts';

const limits = { pixels: 1e6, bytes: 1e6 };
const orange = sharp({ create: { width: 6, height: 4, channels: 3, background: '#ff8000' } });
const photo = sharp({
  create: { width: 80, height: 60, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 40 }, background: '#888' },
});

test('a PNG comes back pixel for pixel, with and without alpha', async () => {
  for (const channels of [3, 4] as const) {
    const picture = testPicture(37, 21, channels);
    expect(await decode(await encodePng(picture), limits)).toEqual(picture);
  }
});

test('the same pixels give the same PNG bytes', async () => {
  const picture = testPicture(64, 64);
  expect(await encodePng(picture)).toEqual(await encodePng({ ...picture, data: Uint8Array.from(picture.data) }));
});

test('CMYK becomes three channels of sRGB', async () => {
  const decoded = await decode(await orange.clone().toColourspace('cmyk').jpeg().toBuffer(), limits);
  expect(decoded).toMatchObject({ width: 6, height: 4, channels: 3 });
  expect(mostDifferent(decoded, plainPicture(6, 4, [255, 128, 0]))).toBeLessThan(40);
});

test('16 bits become 8, and grey becomes three equal channels', async () => {
  const raw = { raw: { width: 4, height: 1, channels: 1 as const } };
  const grey = await sharp(Uint16Array.from([0, 257, 32896, 65535]), raw)
    .toColourspace('grey16')
    .png()
    .toBuffer();
  expect((await sharp(grey).metadata()).depth).toBe('ushort');
  const { data, channels } = await decode(grey, limits);
  expect({ channels, data: [...data] }).toEqual({
    channels: 3,
    data: [0, 0, 0, 1, 1, 1, 128, 128, 128, 255, 255, 255],
  });
});

test('grey with alpha and palettes with transparency become four channels', async () => {
  const raw = { raw: { width: 2, height: 1, channels: 2 as const } };
  const grey = await sharp(Uint8Array.from([10, 25, 128, 255]), raw)
    .png()
    .toBuffer();
  expect([...(await decode(grey, limits)).data]).toEqual([10, 10, 10, 25, 128, 128, 128, 255]);
  const palette = await sharp(plainPicture(8, 8, [200, 20, 20, 0]).data, { raw: { width: 8, height: 8, channels: 4 } })
    .png({ palette: true })
    .toBuffer();
  expect(await decode(palette, limits)).toMatchObject({ channels: 4, width: 8 });
});

test('a picture that EXIF turns comes upright', async () => {
  const pixels = plainPicture(6, 4, [0, 0, 0]);
  pixels.data.fill(255, 0, 6 * 3); // the upper row is white
  const turned = await sharp(pixels.data, { raw: { width: 6, height: 4, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const upright = await decode(turned, limits);
  expect(upright).toMatchObject({ width: 4, height: 6 });
  expect([...upright.data.subarray(0, 12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255]); // white is right now
  expect(await headerOf(turned, limits)).toMatchObject({ width: 4, height: 6, format: 'png' });
});

test('an embedded Display P3 profile is converted to sRGB', async () => {
  const wide = await orange.clone().withIccProfile('p3').png().toBuffer();
  const bare = await sharp(wide).metadata();
  expect(bare.hasProfile).toBe(true);
  expect(mostDifferent(await decode(wide, limits), plainPicture(6, 4, [255, 128, 0]))).toBeLessThanOrEqual(2);
});

test.each([
  ['an empty file', Buffer.alloc(0), 'the file is empty'],
  ['text', Buffer.from('hello, I am no picture'), 'the file is none'],
  ['half a PNG', await photo.clone().png().toBuffer().then(half), 'cut short'],
  ['half a JPEG', await photo.clone().jpeg().toBuffer().then(half), 'cut short'],
  ['half a WebP', await photo.clone().webp().toBuffer().then(half), /cut short|damaged/],
  ['a header alone', (await photo.clone().png().toBuffer()).subarray(0, 20), 'damaged'],
  ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'received SVG'],
  ['a file that is too large', Buffer.alloc(1e6 + 1), 'at most 1.00 MB'],
])('%s is refused in one sentence', async (_name, bytes, message) => {
  const refused = decode(bytes, limits);
  await expect(refused).rejects.toThrow(ImageError);
  await expect(refused).rejects.toThrow(message);
});

test('a pixel bomb is refused by its header, before anything is decoded', async () => {
  const bomb = await sharp({ create: { width: 12000, height: 12000, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const memory = process.memoryUsage().rss;
  await expect(decode(bomb, limits)).rejects.toThrow(
    'at most 1.00 megapixels but received 12000 × 12000 (144 megapixels)',
  );
  expect(process.memoryUsage().rss - memory).toBeLessThan(100e6);
});

test('hidden colours do not bleed when a picture is resized', async () => {
  const picture = plainPicture(8, 8, [255, 0, 0, 255]);
  for (let pixel = 32; pixel < 64; pixel += 1) picture.data.set([0, 255, 0, 0], pixel * 4);
  const { data } = await resize(picture, 16, 16, 'lanczos3');
  const greens = [...data.keys()]
    .filter((index) => index % 4 === 1 && (data[index + 2] ?? 0) > 8)
    .map((index) => data[index]);
  expect(Math.max(...greens.map((green) => green ?? 0))).toBe(0);
});

test('previews are small and JPEG shows white behind alpha', async () => {
  const bytes = await encodeSmall(plainPicture(400, 200, [0, 0, 0, 0]), { format: 'jpeg', quality: 80, side: 100 });
  const preview = await decode(bytes, limits);
  expect(preview).toMatchObject({ width: 100, height: 50, channels: 3 });
  expect(Math.min(...preview.data)).toBe(255);
  expect((await headerOf(await encodeSmall(testPicture(40, 20), { format: 'webp', quality: 70 }), limits)).format).toBe(
    'webp',
  );
});

test('pixels whose length does not fit are refused', async () => {
  await expect(encodePng({ ...testPicture(4, 4), width: 5 })).rejects.toThrow('Expected 60 bytes');
});

test('a decode that was stopped does not start', async () => {
  await expect(decode(await encodePng(testPicture(4, 4)), limits, AbortSignal.abort())).rejects.toThrow('aborted');
});

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}
