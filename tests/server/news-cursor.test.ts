import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorFrom, cursorText } from '../../server/runs/news-cursor.ts';

const number = fc.integer({ min: 1, max: 300 });
const cursors = fc.record({
  newest: fc.nat(),
  open: fc.array(fc.tuple(number, fc.nat(50)), { maxLength: 60 }).map((pairs) => new Map(pairs)),
});

test('a cursor comes back from its text', () =>
  fc.assert(
    fc.property(cursors, (cursor) => {
      expect(cursorFrom(cursorText(cursor))).toEqual(cursor);
    }),
  ));

test('many waiting runs are one short stretch', () => {
  const waiting = Array.from({ length: 5000 }, (_, at): [number, number] => [at + 18, 0]);
  expect(cursorText({ newest: 5017, open: new Map([[17, 5], ...waiting]) })).toBe('5017;17:5,18-5017');
});

test.each(['', 'x', '1', '1;x', '1;2;3', '-1;', '1;5:', '1;1-999999999', '1;,', '1.5;'])('"%s" is no cursor', (text) =>
  expect(cursorFrom(text)).toBeUndefined(),
);

test('no text breaks it', () =>
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => cursorFrom(text)).not.toThrow();
    }),
  ));
