import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';

/** SQL with `$1`-style places and their values, as drizzle takes it. The text must hold no `$1` inside quotes. */
export function statement(text: string, values: readonly unknown[] = []): SQL {
  const pieces = text.split(/\$(\d+)/);
  return sql.join(pieces.map((piece, at) => (at % 2 === 0 ? sql.raw(piece) : sql.param(values[Number(piece) - 1]))));
}

export interface Rows {
  readonly rows: unknown[];
}
const rows = z.object({ rows: z.array(z.unknown()) });

/** The rows of a driver's answer; of the last one where several statements were sent. */
export const rowsOf = (result: unknown): Rows => rows.parse(Array.isArray(result) ? result.at(-1) : result);
