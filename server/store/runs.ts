import { and, asc, count, desc, eq, gt, lt, or, sql } from 'drizzle-orm';
import { runs } from '../../drizzle/schema.ts';
import type { Priority, Queue } from '../runs/queue.ts';
import type { Database } from './database.ts';
import { appendEvents } from './events.ts';

export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'stopped';
export type RunRow = typeof runs.$inferSelect;

/** On this channel something is sent when a run waits that was not waiting before. */
export const wakeChannel = 'run_wake';
/** On this channel the id of a running run is sent that shall stop. */
export const stopChannel = 'run_stop';

export interface NewRun {
  readonly id: string;
  readonly name: string;
  readonly graphId?: string | undefined;
  readonly graphRevision?: number | undefined;
  /** JSON texts. */
  readonly graph: string;
  readonly targets: string;
  readonly seeds: string;
  readonly priority: Priority;
  readonly idempotencyKey?: string | undefined;
}

/** Writes the run and its place in the queue, or neither. Gives the id of the run that has the idempotency key, where one has. */
export const insertRun = (database: Database, queue: Queue, run: NewRun): Promise<string> =>
  database.transaction(async (statements) => {
    const [added] = await statements.orm
      .insert(runs)
      .values({ ...run, state: 'queued' })
      .onConflictDoNothing({ target: runs.idempotencyKey })
      .returning({ id: runs.id });
    if (!added) return existing(await runByKey(statements, run.idempotencyKey ?? ''));
    await queue.add(run.id, run.priority, statements);
    await statements.orm.execute(sql`select pg_notify(${wakeChannel}, '')`);
    return added.id;
  });

function existing(run: RunRow | undefined): string {
  if (!run) throw new Error('Expected the run with this idempotency key but it is gone; ask again.');
  return run.id;
}

type Reader = Pick<Database, 'orm'>;

export async function runByKey({ orm }: Reader, key: string): Promise<RunRow | undefined> {
  const [found] = await orm.select().from(runs).where(eq(runs.idempotencyKey, key));
  return found;
}

export async function runById({ orm }: Reader, id: string): Promise<RunRow | undefined> {
  const [found] = await orm.select().from(runs).where(eq(runs.id, id));
  return found;
}

export interface RunPage {
  /** At most this many. */
  readonly limit: number;
  /** Only runs accepted before the run with this id. */
  readonly before?: string | undefined;
  readonly graphId?: string | undefined;
}

/** The newest first. */
export function listRuns({ orm }: Reader, { limit, before, graphId }: RunPage): Promise<RunRow[]> {
  const earlier = sql`(select number from runs as other where other.id = ${before ?? ''})`;
  const wanted = and(
    before === undefined ? undefined : lt(runs.number, earlier),
    graphId === undefined ? undefined : eq(runs.graphId, graphId),
  );
  return orm.select().from(runs).where(wanted).orderBy(desc(runs.number)).limit(limit);
}

/** The runs that wait, the next one first. */
export const waitingRuns = ({ orm }: Reader): Promise<RunRow[]> =>
  // "interactive" comes after "batch" in the alphabet and before it in the queue.
  orm.select().from(runs).where(eq(runs.state, 'queued')).orderBy(desc(runs.priority), asc(runs.number));

/** How many runs come before this waiting one. */
export async function placeOf({ orm }: Reader, { priority, number }: RunRow): Promise<number> {
  const sooner = or(gt(runs.priority, priority), and(eq(runs.priority, priority), lt(runs.number, number)));
  const [found] = await orm
    .select({ runs: count() })
    .from(runs)
    .where(and(eq(runs.state, 'queued'), sooner));
  return found?.runs ?? 0;
}

/**
 * Ends a waiting run, and asks the host of a running one to stop it; a run that has ended stays as it is. False when there
 * is no such run.
 */
export const requestStop = (database: Database, queue: Queue, id: string): Promise<boolean> =>
  database.transaction(async (statements) => {
    const { orm } = statements;
    const [run] = await orm.select().from(runs).where(eq(runs.id, id)).for('update');
    if (run?.state === 'queued') {
      await orm.update(runs).set({ state: 'stopped', endedAt: sql`now()` }).where(eq(runs.id, id));
      await queue.remove(id, statements);
      await appendEvents(statements, id, [{ type: 'run-end', outcome: 'stopped', ms: 0, ran: 0, cached: 0 }]);
    } else if (run?.state === 'running') {
      await orm.update(runs).set({ stopRequested: true }).where(eq(runs.id, id));
      await orm.execute(sql`select pg_notify(${stopChannel}, ${id})`);
    }
    return run !== undefined;
  });
