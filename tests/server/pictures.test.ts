import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageRef } from '../../nodes/ports.ts';
import { galleryResponse } from '../../server/api/gallery-response.ts';
import { imageResponse, previewResponse } from '../../server/api/image-response.ts';
import { uploadResponse } from '../../server/api/upload-response.ts';
import { createContentStore } from '../../server/store/content.ts';
import { createGallery } from '../../server/store/gallery.ts';
import { createImages } from '../../server/store/images.ts';
import { createPreviews } from '../../server/store/previews.ts';
import { createThumbnails } from '../../server/store/thumbnails.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'aria-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const content = createContentStore(path.join(folder, 'content'));
const pictures = {
  content,
  images: createImages(content),
  thumbnails: createThumbnails(path.join(folder, 'thumbnails'), content),
  previews: createPreviews(path.join(folder, 'previews')),
  gallery: createGallery(path.join(folder, 'gallery'), { now: () => new Date(2026, 0, 2) }),
};

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });
const bytesOf = async (image: Sharp) => new Uint8Array(await image.toBuffer());
const upload = (body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>) =>
  uploadResponse(new Request('http://localhost/uploads', { method: 'POST', body, ...{ duplex: 'half' } }), pictures);
const look = (digest: string, query = '', headers: Record<string, string> = {}) =>
  imageResponse(new Request(`http://localhost/images/${digest}${query}`, { headers }), digest, pictures);
const bodyOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe('an uploaded picture', () => {
  test('comes back byte for byte under its digest', async () => {
    const file = await bytesOf(plain(30, 20).jpeg());
    const ref = imageRef.parse(await (await upload(file)).json());
    expect(ref).toMatchObject({ width: 30, height: 20 });
    const response = await look(ref.digest);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('etag')).toBe(`"${ref.digest}"`);
    expect(await bodyOf(response)).toEqual(file);
  });

  test.each([
    ['CMYK', () => plain(8, 8).toColourspace('cmyk').jpeg()],
    ['16 bits', () => plain(8, 8).toColourspace('rgb16').png()],
    ['alpha', () => plain(8, 8).ensureAlpha(0.5).png()],
    ['WebP', () => plain(8, 8).webp()],
    ['TIFF', () => plain(8, 8).tiff()],
  ])('may have %s', async (_kind, make) => {
    expect((await upload(await bytesOf(make()))).status).toBe(200);
  });

  test('is measured as it is seen when its EXIF turns it', async () => {
    const turned = await bytesOf(plain(30, 20).withMetadata({ orientation: 6 }).jpeg());
    expect(await (await upload(turned)).json()).toMatchObject({ width: 20, height: 30 });
  });

  test.each([
    ['empty', async () => new Uint8Array(), /the file is empty/],
    ['text', async () => new TextEncoder().encode('hello'), /the file is none, or it is damaged/],
    ['cut short', async () => (await bytesOf(plain(300, 300).png())).slice(0, 400), /damaged or cut short/],
    ['a bomb', () => bytesOf(plain(12_000, 12_000).png()), /at most 100 megapixels but received 12000 × 12000/],
    [
      'SVG',
      async () => new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>'),
      /SVG/,
    ],
  ])('is refused in a sentence when it is %s', async (_kind, make, sentence) => {
    const response = await upload(await make());
    expect(response.status).toBe(415);
    expect(await response.text()).toMatch(sentence);
  });

  test('is refused as soon as it is larger than 64 MB, without reading the rest', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const response = await upload(endless);
    expect(response.status).toBe(413);
    expect(await response.text()).toMatch(/at most 64 MB/);
    expect(sent).toBeLessThan(70);
  });
});

describe('a stored picture', () => {
  let digest = '';
  beforeAll(async () => {
    digest = (await pictures.images.accept(await bytesOf(plain(600, 300).png()), new AbortController().signal)).digest;
  });

  test('has thumbnails that are made once', async () => {
    const response = await look(digest, '?width=256');
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(await sharp(await bodyOf(response)).metadata()).toMatchObject({ format: 'webp', width: 256, height: 128 });
    const made = readdirSync(path.join(folder, 'thumbnails', digest.slice(0, 2)));
    await look(digest, '?width=250');
    expect(readdirSync(path.join(folder, 'thumbnails', digest.slice(0, 2)))).toEqual(made);
  });

  test('is never enlarged for a thumbnail', async () =>
    expect(await sharp(await bodyOf(await look(digest, '?width=1024'))).metadata()).toMatchObject({ width: 600 }));

  test.each(['0', '-1', 'x', '1.5', '', '9999999'])('refuses the width "%s"', async (width) =>
    expect((await look(digest, `?width=${width}`)).status).toBe(400),
  );

  test('is not sent again to a browser that has it', async () =>
    expect((await look(digest, '', { 'if-none-match': `"${digest}"` })).status).toBe(304));

  test('can be had as a file', async () =>
    expect((await look(digest, '?download=my.png')).headers.get('content-disposition')).toMatch(/filename="my.png"/));

  test('is not found when it never was, or is no address', async () => {
    expect((await look('0'.repeat(64))).status).toBe(404);
    for (const odd of ['../../etc/passwd', 'ABC', `${digest}0`, '']) expect((await look(odd)).status).toBe(404);
  });

  test('is not found when its file was damaged, and never comes as other bytes', async () => {
    const ref = await pictures.images.accept(await bytesOf(plain(9, 9).png()), new AbortController().signal);
    writeFileSync(content.path(ref.digest), 'other bytes');
    const response = await look(ref.digest);
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch(/damaged/);
  });
});

test('a preview is there until it is swept', async () => {
  const digest = await pictures.previews.write({ width: 2, height: 2, channels: 3, data: new Uint8Array(12) });
  const ask = (name: string) => previewResponse(new Request('http://localhost/previews'), name, pictures);
  expect((await ask(digest)).headers.get('content-type')).toBe('image/webp');
  expect((await ask('0'.repeat(64))).status).toBe(404);
  expect((await ask('../server.json')).status).toBe(404);
});

test('a kept picture comes as the very file, and only from the gallery', async () => {
  const png = await bytesOf(plain(5, 5).png());
  const { file } = await pictures.gallery.keep({ png, name: 'a b', suffix: '7' }, new AbortController().signal);
  const ask = (place: string) =>
    galleryResponse(new Request('http://localhost/gallery/x?download=b.png'), place.split('/'), pictures);
  const response = await ask(file);
  expect(await bodyOf(response)).toEqual(png);
  expect(response.headers.get('cache-control')).not.toMatch(/immutable/);
  for (const place of ['2026/01/02/none.png', '../pg/x.png', '2026/01/02/../../../server.json', '.index/aa/bb']) {
    expect((await ask(place)).status).toBe(404);
  }
});
