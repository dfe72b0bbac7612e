import { asc, gt, inArray, max, or } from 'drizzle-orm';
import { runs } from '../../drizzle/schema.ts';
import type { Database } from './database.ts';

/** A run by its id and its number, which tells the order of acceptance. */
export interface NumberedRun {
  readonly id: string;
  readonly number: number;
}

/** The number of the run that was accepted last; 0 before the first. */
export async function newestRunNumber({ orm }: Database): Promise<number> {
  const [found] = await orm.select({ number: max(runs.number) }).from(runs);
  return found?.number ?? 0;
}

/** The runs that have not ended, those accepted after `newest`, and those in `open`; the oldest first. */
export const runsWithNews = ({ orm }: Database, newest: number, open: readonly number[]): Promise<NumberedRun[]> =>
  orm
    .select({ id: runs.id, number: runs.number })
    .from(runs)
    .where(or(inArray(runs.state, ['queued', 'running']), gt(runs.number, newest), inArray(runs.number, [...open])))
    .orderBy(asc(runs.number));
