import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteResponse } from '../../server/api/byte-response.ts';

const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
const ask = (headers: Record<string, string> = {}, method = 'GET', download?: string) =>
  byteResponse(new Request('http://localhost/x', { method, headers }), {
    bytes,
    type: 'image/png',
    tag: 'abc',
    download,
  });
const body = async (response: Response) => [...new Uint8Array(await response.arrayBuffer())];

test('gives the whole with a strong tag that is good for ever', async () => {
  const response = ask();
  expect(response.status).toBe(200);
  expect(await body(response)).toEqual([...bytes]);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    etag: '"abc"',
    'content-type': 'image/png',
    'content-length': '10',
    'cache-control': expect.stringContaining('immutable'),
  });
});

test.each(['"abc"', 'W/"abc"', '"other", "abc"', '*'])('answers 304 when the browser has %s', (tag) => {
  const response = ask({ 'if-none-match': tag });
  expect(response.status).toBe(304);
  expect(response.headers.get('etag')).toBe('"abc"');
});

test('gives the whole when the browser has something else', () =>
  expect(ask({ 'if-none-match': '"abcd"' }).status).toBe(200));

test.each([
  ['bytes=0-3', [1, 2, 3, 4], 'bytes 0-3/10'],
  ['bytes=8-', [9, 10], 'bytes 8-9/10'],
  ['bytes=-2', [9, 10], 'bytes 8-9/10'],
  ['bytes=-99', [...bytes], 'bytes 0-9/10'],
  ['bytes=5-99', [6, 7, 8, 9, 10], 'bytes 5-9/10'],
])('gives the part %s', async (range, expected, described) => {
  const response = ask({ range });
  expect(response.status).toBe(206);
  expect(response.headers.get('content-range')).toBe(described);
  expect(await body(response)).toEqual(expected);
});

test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('refuses the part %s, which is not there', (range) => {
  const response = ask({ range });
  expect(response.status).toBe(416);
  expect(response.headers.get('content-range')).toBe('bytes */10');
});

test.each(['bytes=3-1', 'bytes=-', 'lines=0-1', 'bytes=0-1,3-4', 'nonsense'])('ignores the range %s', (range) =>
  expect(ask({ range }).status).toBe(200),
);

test('gives the whole when the part was wanted of other bytes', () => {
  expect(ask({ range: 'bytes=0-1', 'if-range': '"old"' }).status).toBe(200);
  expect(ask({ range: 'bytes=0-1', 'if-range': '"abc"' }).status).toBe(206);
});

test('answers HEAD with the same headers and no bytes', async () => {
  const response = ask({}, 'HEAD');
  expect(response.headers.get('content-length')).toBe('10');
  expect(await body(response)).toEqual([]);
});

test('a part is exactly that stretch of the whole', () =>
  fc.assert(
    fc.asyncProperty(fc.nat(9), fc.nat(20), async (first, more) => {
      const response = ask({ range: `bytes=${first}-${first + more}` });
      expect(await body(response)).toEqual([...bytes.slice(first, first + more + 1)]);
    }),
  ));

test('a download name cannot leave its header or its folder', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const header = ask({}, 'GET', name).headers.get('content-disposition') ?? '';
      expect(header).toMatch(/^attachment; filename="[^"/\\]*"; filename\*=UTF-8''[\w.~!%-]*$/);
    }),
  ));

test('a download keeps its name', () =>
  expect(ask({}, 'GET', 'Mädchen (1).png').headers.get('content-disposition')).toBe(
    'attachment; filename="M_dchen (1).png"; filename*=UTF-8\'\'M%C3%A4dchen%20%281%29.png',
  ));
