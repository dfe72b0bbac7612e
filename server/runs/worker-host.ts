import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { ExecutorClosedError } from '../executor/errors.ts';
import type { Executor } from '../executor/supervisor.ts';
import type { Database } from '../store/database.ts';
import { milestonesOf } from '../store/events.ts';
import { claimRun, reclaimRuns, renewLeases } from '../store/leases.ts';
import { type RunRow, stopChannel, wakeChannel } from '../store/runs.ts';
import { endingOfAbandoned } from './endings.ts';
import { progressOf } from './progress.ts';
import type { Queue } from './queue.ts';
import { type Interruption, workOn } from './work.ts';

export interface WorkerHostOptions {
  readonly database: Database;
  readonly queue: Queue;
  readonly executor: Pick<Executor, 'run'>;
  /** How many runs are given to the executor at a time. 1 when left out. */
  readonly slots?: number;
  /** How often it says that it lives, and looks for work of the dead. 1000 ms when left out. */
  readonly heartbeatMs?: number;
  /** How long a host may be silent before its runs are given to others. 15 000 ms when left out. */
  readonly leaseMs?: number;
  /** Told about failures that no run can show, such as a lost database. */
  readonly log?: (message: string, error: unknown) => void;
}

/** Takes runs from the queue and has an executor work on them, until disposed; then its runs go back to the queue. */
export async function startWorkerHost(options: WorkerHostOptions): Promise<AsyncDisposable> {
  const { database, queue, executor, slots = 1, heartbeatMs = 1000, leaseMs = 15_000 } = options;
  const { log = (message, error) => console.error(message, error) } = options;
  const worker = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const active = new Map<string, AbortController>();
  // Those of them whose claim everyone can see; before that, the database does not know that this host has them.
  const claimed = new Map<string, AbortController>();
  const works = new Set<Promise<void>>();
  let closed = false;
  const interrupt = (run: string, why: Interruption) => active.get(run)?.abort(why);
  const report = (error: unknown) => {
    if (!closed) log('a worker host could not reach the database', error);
  };

  const take = oneAtATime(async () => {
    while (!closed && active.size < slots) {
      const interruption = new AbortController();
      let run: RunRow | undefined;
      try {
        // Known before the claim can be seen, so that whoever stops the run finds it here.
        run = await claimRun(database, queue, worker, ({ id }) => active.set(id, interruption));
      } finally {
        if (!run) for (const [id, owner] of active) if (owner === interruption) active.delete(id);
      }
      if (!run) return;
      const done = begin(run, interruption);
      works.add(done);
      void done.finally(() => works.delete(done));
    }
  });

  async function begin(run: RunRow, interruption: AbortController): Promise<void> {
    if (run.stopRequested) interrupt(run.id, 'stop');
    if (closed) interrupt(run.id, 'close');
    claimed.set(run.id, interruption);
    const lease = { run: run.id, worker, attempt: run.attempt };
    try {
      await workOn({ database, queue, executor, lease, run, interruption, log });
    } catch (error) {
      // Its runs wait for another executor; taking them again would go on forever.
      if (error instanceof ExecutorClosedError) closed = true;
      else log(`a worker host gave up the run ${run.id}`, error);
    } finally {
      active.delete(run.id);
      claimed.delete(run.id);
      void take().catch(report);
    }
  }

  const reclaim = (silentMs: number) =>
    reclaimRuns(database, queue, silentMs, async (run, statements) =>
      endingOfAbandoned(run, progressOf(await milestonesOf(statements, run.id))),
    );

  const beat = oneAtATime(async () => {
    // A copy, because a run may end, and even be claimed again, while the database is asked.
    const asked = new Map(claimed);
    const held = new Map((await renewLeases(database, worker, [...asked.keys()])).map((run) => [run.id, run]));
    for (const [id, interruption] of asked) {
      const run = held.get(id);
      if (!run) interruption.abort('lost' satisfies Interruption);
      else if (run.stopRequested) interruption.abort('stop' satisfies Interruption);
    }
    await reclaim(leaseMs);
    await take();
  });

  // The embedded database belongs to this process: whoever else had claimed runs there is dead.
  if (database.kind === 'pglite') await reclaim(0);
  const closers = [
    await database.listen(wakeChannel, () => void take().catch(report)),
    await database.listen(stopChannel, (run) => interrupt(run, 'stop')),
  ];
  const timer = setInterval(() => void beat().catch(report), heartbeatMs);
  await beat();

  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      clearInterval(timer);
      for (const close of closers) await close();
      for (const id of active.keys()) interrupt(id, 'close');
      while (works.size > 0) await Promise.all(works);
      await Promise.allSettled([take(), beat()]);
    },
  };
}

/** A task that, asked for while it runs, runs once more afterwards, and never twice at once. */
function oneAtATime(task: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined;
  let again = false;
  const loop = async () => {
    try {
      while (again) {
        again = false;
        await task();
      }
    } finally {
      current = undefined;
    }
  };
  return () => {
    again = true;
    current ??= loop();
    return current;
  };
}
