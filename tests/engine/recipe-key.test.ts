import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, digestOf, imagesIn } from '../../server/engine/canonical.ts';
import { type Recipe, recipeKey } from '../../server/engine/recipe-key.ts';

const base: Recipe = { type: 'upscale', version: 1, params: { tile: 256 }, inputs: { image: 'abc' }, fingerprint: 'w' };

test('a key ignores the order in which parameters were written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (params) => {
      const reversed = Object.fromEntries(Object.entries(params).reverse());
      expect(recipeKey({ ...base, params: reversed })).toBe(recipeKey({ ...base, params }));
    }),
  );
});

test.each<[string, Partial<Recipe>]>([
  ['type', { type: 'other' }],
  ['version', { version: 2 }],
  ['a parameter', { params: { tile: 257 } }],
  ['one more parameter', { params: { tile: 256, more: 1 } }],
  ['an input', { inputs: { image: 'abd' } }],
  ['the port of an input', { inputs: { mask: 'abc' } }],
  ['one more input', { inputs: { image: 'abc', mask: 'abc' } }],
  ['the fingerprint', { fingerprint: 'v' }],
  ['what is a parameter and what an input', { params: {}, inputs: { image: 'abc', tile: '256' } }],
])('a key notices %s', (_what, change) => {
  expect(recipeKey({ ...base, ...change })).not.toBe(recipeKey(base));
});

test('values of different kinds never meet', () => {
  const values = [
    1,
    '1',
    true,
    'true',
    1n,
    '1n',
    null,
    'null',
    [],
    {},
    [1],
    ['1'],
    { a: 1 },
    '',
    0,
    false,
    [[]],
    [null],
  ];
  expect(new Set(values.map(canonical)).size).toBe(values.length);
});

test('different values have different texts', () => {
  const plain = fc.oneof(fc.jsonValue(), fc.bigInt(), fc.string());
  fc.assert(
    fc.property(plain, plain, (one, other) => {
      const same = JSON.stringify(one, text) === JSON.stringify(other, text);
      const nfc = (value: unknown) => canonical(value).normalize('NFC');
      if (canonical(one) !== canonical(other)) expect(same && nfc(one) === nfc(other)).toBe(false);
      else expect(canonical(structuredClone(one))).toBe(canonical(other));
    }),
  );
});
const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);

test('equal numbers and equal words are equal however they are written', () => {
  expect(canonical(1.0)).toBe(canonical(1));
  expect(canonical(-0)).toBe(canonical(0));
  expect(canonical('\u00e9')).toBe(canonical('e\u0301'));
  expect(canonical({ a: 1, b: undefined })).toBe(canonical({ a: 1 }));
});

test('what has no canonical form is refused', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, new Date(), new Map(), [undefined]]) {
    expect(() => canonical(value)).toThrow(TypeError);
  }
});

test('a picture counts by its digest, wherever it is', () => {
  const picture = (digest: string) => ({ digest, width: 8, height: 8 });
  expect(digestOf([picture('a')])).toBe(digestOf([{ ...picture('a'), width: 9 }]));
  expect(digestOf(picture('a'))).not.toBe(digestOf(picture('b')));
  expect(digestOf(picture('a'))).not.toBe(digestOf('image:a'));
  expect([...imagesIn({ x: [picture('a'), { y: picture('b') }], z: 'c', again: picture('a') })]).toEqual(['a', 'b']);
});
