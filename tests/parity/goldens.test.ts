import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownGoldens } from './bundled.ts';
import { Goldens } from './goldens.ts';
import { groups } from './groups.ts';
import { type ParityRow, rowsOf } from './parity-case.ts';

const goldens = new Goldens(ownGoldens);
afterAll(() => goldens[Symbol.asyncDispose]());

describe.each(groups)('$name ($file)', (group) => {
  let rows: ParityRow[] = [];
  beforeAll(async () => {
    rows = await rowsOf(group, goldens);
  });

  test('agrees with the recorded numbers in every row that is built', () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ verdict }) => verdict === 'FAIL' || verdict === 'missing')).toEqual([]);
  });
});
