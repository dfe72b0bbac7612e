import type { BenchOptions } from './main.ts';

type Row = Readonly<Record<string, string | number>>;

/** Prints rows as they come: JSON, one a line, or a table whose columns are the keys of the first row. */
export function createRows({ json, print }: BenchOptions): (row: Row) => void {
  let header = false;
  return (row) => {
    if (json) return print(JSON.stringify(row));
    if (!header) print(Object.keys(row).map(pad).join(''));
    header = true;
    print(Object.values(row).map(pad).join(''));
  };
}

const pad = (value: string | number) => String(value).padStart(12);

/** Processor and wall time of some work, in milliseconds, with one decimal. */
export async function timed<Result>(work: () => Promise<Result>) {
  const wall = performance.now();
  const processor = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(processor);
  const round = (ms: number) => Math.round(ms * 10) / 10;
  return { result, cpuMs: round((user + system) / 1000), wallMs: round(performance.now() - wall) };
}
