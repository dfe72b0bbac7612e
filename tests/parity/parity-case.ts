import type { Goldens } from './goldens.ts';

/** One comparison with recorded numbers. */
export interface ParityCase {
  readonly name: string;
  /** The largest error that passes; 0 asks for equality. */
  readonly tolerance: number;
  /** The largest error found; rejects when the comparison itself breaks a rule. Absent for what is not built. */
  readonly measure?: () => Promise<number>;
}

/** Comparisons that need one file of the goldens. */
export interface ParityGroup {
  readonly name: string;
  /** Without this file in the folder the group is reported as missing. */
  readonly file: string;
  readonly cases: (goldens: Goldens) => Promise<ParityCase[]>;
}

export type Verdict = 'pass' | 'FAIL' | 'not built' | 'missing';

export interface ParityRow {
  readonly group: string;
  readonly case: string;
  readonly error?: number;
  readonly tolerance?: number;
  readonly verdict: Verdict;
  readonly note?: string;
}

/** Runs the comparisons of a group, one after the other. A file that cannot be read is a failing row. */
export async function rowsOf({ name, file, cases }: ParityGroup, goldens: Goldens): Promise<ParityRow[]> {
  if (!(await goldens.has(file))) return [{ group: name, case: file, verdict: 'missing' }];
  const rows: ParityRow[] = [];
  try {
    for (const each of await cases(goldens)) rows.push(await rowOf(name, each));
  } catch (cause) {
    rows.push({ group: name, case: file, verdict: 'FAIL', note: noteOf(cause) });
  }
  return rows;
}

/** Runs one comparison. A rejection is a failing row and not an end of the run. */
export async function rowOf(group: string, parityCase: ParityCase): Promise<ParityRow> {
  const { name, tolerance, measure } = parityCase;
  const row = { group, case: name, tolerance };
  if (measure === undefined) return { ...row, verdict: 'not built' };
  try {
    const error = await measure();
    return { ...row, error, verdict: error <= tolerance ? 'pass' : 'FAIL' };
  } catch (cause) {
    return { ...row, verdict: 'FAIL', note: noteOf(cause) };
  }
}

function noteOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
