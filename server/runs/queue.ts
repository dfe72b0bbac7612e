import PgBoss from 'pg-boss';
import type { Database, Statements } from '../store/database.ts';

export type Priority = 'interactive' | 'batch';

/**
 * Which run is next. An entry exists from acceptance to the end of its run; each method is one step of a transaction that
 * also changes the run's row, so that the two never disagree.
 */
export interface Queue {
  add(run: string, priority: Priority, statements: Statements): Promise<void>;
  /** The next run, no longer offered to others; undefined when none waits. */
  take(statements: Statements): Promise<string | undefined>;
  /** Offers a run that was taken again, at its old place. */
  putBack(run: string, statements: Statements): Promise<void>;
  /** The run has ended, or will not begin. */
  remove(run: string, statements: Statements): Promise<void>;
}

const name = 'run';
const levels = { interactive: 10, batch: 0 } as const satisfies Record<Priority, number>;

/** The queue in a database, made there when it is new. */
export async function createQueue(database: Database): Promise<Queue> {
  // Ended entries are deleted and leases are kept with the runs, so pg-boss has nothing to maintain.
  const boss = new PgBoss({ db: plain(database), schema: 'pgboss', supervise: false, schedule: false });
  await database.alone(async () => {
    await boss.start();
    // How often a run is tried is decided where its row is changed.
    await boss.createQueue(name, { name, policy: 'standard', retryLimit: 1_000_000, retryDelay: 0 });
  });
  return {
    async add(run, priority, statements) {
      const added = await boss.send(name, {}, { id: run, priority: levels[priority], db: plain(statements) });
      if (added === null) throw new Error(`Expected to queue the run ${run} but it is queued already.`);
    },
    take: async (statements) => (await boss.fetch(name, { db: plain(statements) }))[0]?.id,
    async putBack(run, statements) {
      await boss.fail(name, run, {}, { db: plain(statements) });
    },
    async remove(run, statements) {
      await boss.deleteJob(name, run, { db: plain(statements) });
    },
  };
}

const plain = ({ executeSql }: Statements) => ({
  executeSql: (text: string, values?: readonly unknown[]) => executeSql(text, values),
});
