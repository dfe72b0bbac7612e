import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { chunksOf, makeChunk, pngOf } from '../../nodes/png-chunks.ts';
import { asciiJson, readPngText, withPngText } from '../../nodes/png-text.ts';

const picture = new Uint8Array(
  await sharp({ create: { width: 5, height: 4, channels: 3, background: '#a36' } })
    .png()
    .toBuffer(),
);
const graph = { format: 1, name: 'Größe 漢字 🎨 "q" <&>', nodes: {} };

function withChunk(type: string, data: Uint8Array): Uint8Array {
  const chunks = chunksOf(picture);
  return pngOf([...chunks.slice(0, 1), makeChunk(type, data), ...chunks.slice(1)]);
}

test('a graph and parameters come back, and the pixels stay', async () => {
  const written = withPngText(picture, { aria: asciiJson(graph), parameters: 'Ein Kätzchen 猫\nSteps: 20' });
  const texts = await readPngText(written);
  expect(JSON.parse(texts.get('aria') ?? '')).toEqual(graph);
  expect(texts.get('parameters')).toBe('Ein Kätzchen 猫\nSteps: 20');
  expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(picture).raw().toBuffer());
});

test('libpng reads the texts too, right after the header', async () => {
  const written = withPngText(picture, { aria: asciiJson(graph) });
  expect((await sharp(written).metadata()).comments).toEqual([{ keyword: 'aria', text: asciiJson(graph) }]);
  expect(
    chunksOf(written)
      .map(({ type }) => type)
      .slice(0, 2),
  ).toEqual(['IHDR', 'tEXt']);
});

test('any text survives, and writing twice keeps one copy', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (one, two) => {
      const written = withPngText(withPngText(picture, { note: one }), { note: two, other: one });
      expect([...(await readPngText(written))]).toEqual([
        ['note', two],
        ['other', one],
      ]);
    }),
    { numRuns: 50 },
  );
});

test('compressed texts of other programs are read', async () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const zipped = withChunk('zTXt', Buffer.concat([bytes('note\0\0'), deflateSync(bytes('caf\xe9 \x85'))]));
  expect((await readPngText(zipped)).get('note')).toBe('caf\xe9 \x85');
  const international = withChunk('iTXt', Buffer.concat([bytes('note\0\x01\0de\0Notiz\0'), deflateSync('漢字')]));
  expect((await readPngText(international)).get('note')).toBe('漢字');
});

test.each([
  ['an empty file', new Uint8Array(), 'it is empty'],
  ['a JPEG', Uint8Array.from([255, 216, 255]), 'it is none'],
  ['a file cut short', picture.subarray(0, picture.length - 20), 'cut short'],
  ['a text without its end', withChunk('tEXt', Buffer.from('note')), 'damaged'],
  ['a damaged compressed text', withChunk('zTXt', Buffer.from('note\0\0nonsense')), 'damaged'],
  [
    'a text that inflates to 64 MB',
    withChunk('zTXt', Buffer.concat([Buffer.from('note\0\0'), deflateSync(Buffer.alloc(64 << 20))])),
    'at most 16 MB',
  ],
])('%s is refused in one sentence', async (_name, bytes, message) => {
  await expect(readPngText(bytes)).rejects.toThrow(message);
});

test('a text with one changed bit is refused', async () => {
  const written = withPngText(picture, { note: 'hello' });
  const at = Buffer.from(written).indexOf('hello');
  written[at] = (written[at] ?? 0) ^ 1;
  await expect(readPngText(written)).rejects.toThrow('a text in it is damaged');
});

test('a keyword that PNG does not allow is refused', () => {
  expect(() => withPngText(picture, { 'a\0b': 'text' })).toThrow('1 to 79 plain letters');
});
