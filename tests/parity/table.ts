import type { ParityRow, Verdict } from './parity-case.ts';

const verdicts: readonly Verdict[] = ['pass', 'FAIL', 'not built', 'missing'];

/** The rows as a Markdown table with a line of counts, which reads well in a terminal too. */
export function tableOf(rows: readonly ParityRow[]): string {
  const cells = rows.map((row) => [
    row.group,
    row.case,
    row.error === undefined ? '' : numberOf(row.error),
    row.tolerance === undefined ? '' : numberOf(row.tolerance),
    row.note === undefined ? row.verdict : `${row.verdict}: ${row.note.replaceAll(/[|\n]/g, ' ').slice(0, 200)}`,
  ]);
  const table = [['group', 'case', 'max error', 'tolerance', 'verdict'], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...table.slice(0, 400).map((line) => line[column]?.length ?? 0)),
  );
  const lines = table.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(column === 4 ? 0 : (widths[column] ?? 0))).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width, column) => '-'.repeat(column === 4 ? 7 : width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1), '', summaryOf(rows)].join('\n');
}

function numberOf(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

function summaryOf(rows: readonly ParityRow[]): string {
  const counts = verdicts.map((verdict) => `${rows.filter((row) => row.verdict === verdict).length} ${verdict}`);
  return `${rows.length} rows: ${counts.join(', ')}.`;
}
