import * as z from 'zod';
import { readGraph } from '../../nodes/graph.ts';
import type { RunEvent } from '../engine/events.ts';
import { ExecutorClosedError, ExecutorCrashError, ExecutorRefusal } from '../executor/errors.ts';
import type { Executor } from '../executor/supervisor.ts';
import type { Database } from '../store/database.ts';
import { type Ending, type Lease, LeaseLostError, recordEvents, settleRun } from '../store/leases.ts';
import type { RunRow } from '../store/runs.ts';
import { endingAfterDeath, endingOf, failedEnding, stoppedEnding } from './endings.ts';
import { createEventWriter } from './event-writer.ts';
import { keptPictures } from './kept-pictures.ts';
import { progressOf } from './progress.ts';
import type { Queue } from './queue.ts';

/** Why a host takes its hands off a run: somebody stopped it, the host closes, or the run is not the host's any more. */
export type Interruption = 'stop' | 'close' | 'lost';

export interface Work {
  readonly database: Database;
  readonly queue: Queue;
  readonly executor: Pick<Executor, 'run'>;
  readonly lease: Lease;
  readonly run: RunRow;
  /** Aborts with an `Interruption` as its reason. */
  readonly interruption: AbortController;
  readonly log: (message: string, error: unknown) => void;
}

const hiddenMessage = "Something went wrong inside Aria. The server's log has the details.";
const targetList = z.array(z.string()).nullable();

/**
 * Works on a run that was claimed, writes down what it says, and gives the claim back. Rejects with LeaseLostError, or
 * when the database fails; then others take the run up once the lease has expired. Rejects with ExecutorClosedError once
 * the run is back in the queue, where the executor was closed meanwhile.
 */
export async function workOn(work: Work): Promise<void> {
  const { database, queue, executor, lease, run, interruption } = work;
  const graph = readGraph(run.graph);
  const targets = targetList.parse(JSON.parse(run.targets));
  const heard: RunEvent[] = [];
  const write = (events: RunEvent[]) =>
    recordEvents(database, lease, { events, pictures: events.flatMap((event) => keptPictures(event, graph)) });
  const writer = createEventWriter(write, () => interruption.abort('lost' satisfies Interruption));
  const emit = (event: RunEvent) => {
    // Its end is told together with its last state, below.
    if (event.type === 'run-end') return;
    if (event.type !== 'node-progress') heard.push(event);
    writer.add(event);
  };
  const progress = () => progressOf(heard);
  let closing: ExecutorClosedError | undefined;

  async function execute(): Promise<Ending> {
    try {
      const request = { id: lease.run, graph, ...(targets && { targets }) };
      const outcome = await executor.run(request, { signal: interruption.signal, emit });
      const closed = outcome.outcome === 'stopped' && interruption.signal.reason === 'close';
      return closed ? { state: 'queued', attempt: lease.attempt } : endingOf(outcome);
    } catch (error) {
      if (interruption.signal.reason === 'stop') return stoppedEnding(progress());
      if (error instanceof ExecutorClosedError) closing = error;
      if (closing || interruption.signal.reason === 'close') return { state: 'queued', attempt: lease.attempt };
      return endingAfter(error);
    }
  }

  function endingAfter(error: unknown): Ending {
    if (error instanceof ExecutorCrashError) {
      const how = `The executor stopped unexpectedly (${error.signal ?? `exit code ${error.code}`})`;
      return endingAfterDeath({ attempt: lease.attempt, graph }, progress(), { node: error.node, how });
    }
    if (error instanceof ExecutorRefusal && error.problems) return failedEnding(progress(), error.message);
    work.log(`run ${lease.run} failed`, error);
    // A refusal's message is made for people; of other errors nothing may reach them.
    const message = error instanceof ExecutorRefusal ? error.message : hiddenMessage;
    return failedEnding(progress(), message);
  }

  const ending = await execute();
  await writer.flush();
  if (interruption.signal.reason === 'lost') throw new LeaseLostError(lease);
  await settleRun(database, queue, lease, ending);
  if (closing) throw closing;
}
