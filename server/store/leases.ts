import { and, eq, inArray, sql } from 'drizzle-orm';
import { runs } from '../../drizzle/schema.ts';
import type { RunEvent } from '../engine/events.ts';
import type { Queue } from '../runs/queue.ts';
import type { Database, Statements } from './database.ts';
import { appendEvents } from './events.ts';
import { indexPictures, type KeptPicture } from './images-index.ts';
import { type RunRow, wakeChannel } from './runs.ts';

/** A worker host's hold on a running run. Every change checks it, so that a host that was given up changes nothing. */
export interface Lease {
  readonly run: string;
  readonly worker: string;
  readonly attempt: number;
}

/** Thrown when the run was taken from this host, which had not been heard of for too long. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor({ run }: Lease) {
    super(`Expected to hold the run ${run} but another worker was given it.`);
  }
}

/** How a host's work on a run ends: in the end of the run, or back in the queue. */
export type Ending =
  | { readonly state: 'queued'; readonly attempt: number }
  | {
      readonly state: 'done' | 'failed' | 'stopped';
      readonly error?: string | undefined;
      /** What is told last. */
      readonly events: readonly RunEvent[];
    };

const held = ({ run, worker, attempt }: Lease) =>
  and(eq(runs.id, run), eq(runs.state, 'running'), eq(runs.worker, worker), eq(runs.attempt, attempt));

/** Takes the next run from the queue; undefined when none waits. `known` is called before anyone can see that it runs. */
export const claimRun = (database: Database, queue: Queue, worker: string, known: (run: RunRow) => void) =>
  database.transaction(async (statements): Promise<RunRow | undefined> => {
    for (;;) {
      const id = await queue.take(statements);
      if (id === undefined) return undefined;
      const [run] = await statements.orm
        .update(runs)
        .set({ state: 'running', worker, leaseAt: sql`now()`, startedAt: sql`coalesce(started_at, now())` })
        .where(and(eq(runs.id, id), eq(runs.state, 'queued')))
        .returning();
      if (run) {
        known(run);
        await appendEvents(statements, id, []);
        return run;
      }
      await queue.remove(id, statements);
    }
  });

/** Writes down what a run says. Rejects with LeaseLostError. */
export const recordEvents = (
  database: Database,
  lease: Lease,
  { events, pictures }: { events: readonly RunEvent[]; pictures: readonly KeptPicture[] },
): Promise<void> =>
  database.transaction(async (statements) => {
    const [kept] = await statements.orm
      .update(runs)
      .set({ leaseAt: sql`now()` })
      .where(held(lease))
      .returning({ id: runs.id });
    if (!kept) throw new LeaseLostError(lease);
    await indexPictures(statements, lease.run, pictures);
    await appendEvents(statements, lease.run, events);
  });

/** Gives the lease back. Rejects with LeaseLostError. */
export const settleRun = (database: Database, queue: Queue, lease: Lease, ending: Ending): Promise<void> =>
  database.transaction(async (statements) => {
    if (!(await settle(statements, queue, lease, ending))) throw new LeaseLostError(lease);
  });

async function settle(statements: Statements, queue: Queue, lease: Lease, ending: Ending): Promise<boolean> {
  const { orm } = statements;
  const values =
    ending.state === 'queued'
      ? { state: ending.state, attempt: ending.attempt }
      : { state: ending.state, endedAt: sql`now()`, error: ending.error ?? null };
  const [kept] = await orm
    .update(runs)
    .set({ ...values, worker: null, leaseAt: null })
    .where(held(lease))
    .returning({ id: runs.id });
  if (!kept) return false;
  if (ending.state === 'queued') {
    await queue.putBack(lease.run, statements);
    await orm.execute(sql`select pg_notify(${wakeChannel}, '')`);
  } else {
    await queue.remove(lease.run, statements);
  }
  await appendEvents(statements, lease.run, ending.state === 'queued' ? [] : ending.events);
  return true;
}

/** Says that a worker is still at these runs. Gives those it still holds, and which of them shall stop. */
export const renewLeases = ({ orm }: Database, worker: string, ids: readonly string[]) =>
  orm
    .update(runs)
    .set({ leaseAt: sql`now()` })
    .where(and(inArray(runs.id, [...ids]), eq(runs.worker, worker), eq(runs.state, 'running')))
    .returning({ id: runs.id, stopRequested: runs.stopRequested });

/** Takes runs from hosts that have not renewed their leases for `leaseMs`; with 0 from every host. `decide` says what becomes of each. */
export async function reclaimRuns(
  database: Database,
  queue: Queue,
  leaseMs: number,
  decide: (run: RunRow, statements: Statements) => Promise<Ending>,
): Promise<void> {
  const expired = and(
    eq(runs.state, 'running'),
    leaseMs === 0 ? undefined : sql`lease_at < now() - ${leaseMs} * interval '1 millisecond'`,
  );
  for (const { id } of await database.orm.select({ id: runs.id }).from(runs).where(expired)) {
    await database.transaction(async (statements) => {
      const [run] = await statements.orm
        .select()
        .from(runs)
        .where(and(eq(runs.id, id), expired))
        .for('update');
      if (!run?.worker) return;
      const lease = { run: id, worker: run.worker, attempt: run.attempt };
      await settle(statements, queue, lease, await decide(run, statements));
    });
  }
}
