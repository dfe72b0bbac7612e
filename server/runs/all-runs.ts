import type { RunEvent } from '../engine/events.ts';
import { createPassage, type Passage } from '../passage.ts';
import type { Database } from '../store/database.ts';
import { eventChannel } from '../store/events.ts';
import { type NumberedRun, newestRunNumber, runsWithNews } from '../store/run-news.ts';
import { cursorFrom, cursorText } from './news-cursor.ts';
import type { Runs } from './runs.ts';

/** An event of any run. Who comes back with `cursor` hears what followed it. */
export interface RunNews {
  readonly cursor: string;
  /** The id of the run. */
  readonly run: string;
  readonly event: RunEvent;
}

/** What one run says; without an event it has nothing more to say. */
interface Told extends NumberedRun {
  readonly seq: number;
  readonly event?: RunEvent;
}

/** Follows all runs at once, over one listener of the database however many follow. */
export interface AllRuns extends AsyncDisposable {
  /**
   * The events of every run that has not ended and of every run to come, in the order of each run, until the signal
   * aborts. With a cursor it goes on behind it; what happened meanwhile comes first, in runs that ended meanwhile too.
   */
  follow(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<RunNews, void>;
}

/** Listens until disposed, which ends all who follow. */
export async function openAllRuns(database: Database, runs: Runs): Promise<AllRuns> {
  const listeners = new Set<(run: string) => void>();
  const closing = new AbortController();
  const silence = await database.listen(eventChannel, (run) => {
    for (const hear of listeners) hear(run);
  });

  async function* follow(cursor: string | undefined, signal: AbortSignal) {
    const leaving = new AbortController();
    const passage = createPassage<Told>(AbortSignal.any([signal, closing.signal]));
    const start = (cursor && cursorFrom(cursor)) || { newest: await newestRunNumber(database), open: new Map() };
    const progress = { newest: start.newest, open: new Map(start.open) };
    const look = lookFor({ database, runs, progress, passage, signal: leaving.signal });
    listeners.add(look);
    try {
      look('');
      for await (const { id, number, seq, event } of passage.read()) {
        if (event === undefined || event.type === 'run-end') progress.open.delete(number);
        else progress.open.set(number, seq);
        if (event) yield { cursor: cursorText(progress), run: id, event };
      }
    } finally {
      leaving.abort();
      listeners.delete(look);
    }
  }
  return {
    follow,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await silence();
    },
  };
}

interface Search {
  readonly database: Database;
  readonly runs: Runs;
  readonly progress: { newest: number; readonly open: Map<number, number> };
  readonly passage: Passage<Told>;
  readonly signal: AbortSignal;
}

/** Given the id of a run that has news, finds the runs that are not followed yet and follows them into the passage. */
function lookFor({ database, runs, progress, passage, signal }: Search): (run: string) => void {
  const { open } = progress;
  const followed = new Set<string>();

  async function pump({ id, number }: NumberedRun): Promise<void> {
    for await (const told of runs.follow(id, open.get(number) ?? 0, signal)) passage.push({ id, number, ...told });
    passage.push({ id, number, seq: 0 });
  }
  async function look(): Promise<void> {
    for (const run of await runsWithNews(database, progress.newest, [...open.keys()])) {
      progress.newest = Math.max(progress.newest, run.number);
      if (followed.has(run.id)) continue;
      followed.add(run.id);
      open.set(run.number, open.get(run.number) ?? 0);
      pump(run).catch(passage.fail);
    }
  }
  return (run) => {
    if (!followed.has(run)) look().catch(passage.fail);
  };
}
