import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Goldens } from './goldens.ts';
import { rowOf, rowsOf } from './parity-case.ts';
import { randnGroup } from './randn.ts';
import { tableOf } from './table.ts';

test('an error up to the tolerance passes, and one above it fails', async () => {
  const verdictOf = async (error: number) =>
    (await rowOf('group', { name: 'case', tolerance: 0.5, measure: async () => error })).verdict;
  expect(await verdictOf(0.5)).toBe('pass');
  expect(await verdictOf(0.6)).toBe('FAIL');
  expect(await verdictOf(Number.NaN)).toBe('FAIL');
});

test('a comparison that throws fails with its reason, and what is not built never passes', async () => {
  const measure = () => Promise.reject(new Error('other ids'));
  expect(await rowOf('group', { name: 'case', tolerance: 0, measure })).toMatchObject({
    verdict: 'FAIL',
    note: 'other ids',
  });
  expect(await rowOf('group', { name: 'case', tolerance: 0 })).toMatchObject({ verdict: 'not built' });
});

test('a folder without the file of a group is reported as missing, and a damaged file as failing', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'aria-parity-'));
  try {
    await using goldens = new Goldens(folder);
    expect(await rowsOf(randnGroup, goldens)).toEqual([{ group: 'randn', case: 'randn-avx.json', verdict: 'missing' }]);
    await writeFile(path.join(folder, 'randn-avx.json'), '{"7": {}}');
    expect(await rowsOf(randnGroup, goldens)).toMatchObject([{ verdict: 'FAIL' }]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the table counts every verdict', () => {
  const table = tableOf([
    { group: 'a', case: 'one', error: 0, tolerance: 0, verdict: 'pass' },
    { group: 'a', case: 'two', verdict: 'not built' },
  ]);
  expect(table).toContain('2 rows: 1 pass, 0 FAIL, 1 not built, 0 missing.');
});
