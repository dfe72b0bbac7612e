/** How far somebody has followed all runs: every event of a run up to a number, by the run's own number. */
export interface NewsCursor {
  /** Runs with larger numbers are new. */
  readonly newest: number;
  /** Runs up to `newest` that had not ended, with the number of the last event that was told; 0 for none. */
  readonly open: ReadonlyMap<number, number>;
}

/** As short text for an address: `21;17:5,18-21` is newest run 21, event 5 of run 17, and nothing yet of 18 to 21. */
export function cursorText({ newest, open }: NewsCursor): string {
  const parts: string[] = [];
  let first: number | undefined;
  let last = 0;
  const endStretch = () => {
    if (first !== undefined) parts.push(first === last ? String(first) : `${first}-${last}`);
    first = undefined;
  };
  for (const [run, event] of [...open].sort(([a], [b]) => a - b)) {
    if (first !== undefined && (event > 0 || run !== last + 1)) endStretch();
    if (event > 0) parts.push(`${run}:${event}`);
    else {
      first ??= run;
      last = run;
    }
  }
  endStretch();
  return `${newest};${parts.join(',')}`;
}

// A stretch from a client is not trusted to be short.
const longestStretch = 100_000;

/** The cursor that a text stands for, or nothing for a text that is none. */
export function cursorFrom(text: string): NewsCursor | undefined {
  const [head = '', body, more] = text.split(';');
  const newest = wholeNumber(head);
  if (newest === undefined || body === undefined || more !== undefined) return undefined;
  const open = new Map<number, number>();
  for (const part of body === '' ? [] : body.split(',')) {
    const [, first, last, event] = /^(\d{1,15})(?:-(\d{1,15})|:(\d{1,15}))?$/.exec(part) ?? [];
    if (first === undefined || Number(last ?? first) - Number(first) > longestStretch) return undefined;
    for (let run = Number(first); run <= Number(last ?? first); run += 1) open.set(run, Number(event ?? 0));
  }
  return { newest, open };
}

const wholeNumber = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
