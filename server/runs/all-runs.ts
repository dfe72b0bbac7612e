import type { RunEvent } from '../engine/events.ts';
import { createPassage } from '../passage.ts';
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

/**
 * The events of every run that has not ended and of every run to come, in the order of each run, until the signal aborts.
 * With a cursor it goes on behind it; what happened meanwhile comes first, in runs that ended meanwhile too.
 */
export async function* followAllRuns(
  { database, runs }: { database: Database; runs: Runs },
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<RunNews, void> {
  const start = cursor === undefined ? undefined : cursorFrom(cursor);
  const open = new Map(start?.open);
  let newest = start?.newest ?? (await newestRunNumber(database));
  const followed = new Set<string>();
  const leaving = new AbortController();
  const passage = createPassage<Told>(AbortSignal.any([signal, leaving.signal]));

  async function pump({ id, number }: NumberedRun): Promise<void> {
    for await (const told of runs.follow(id, open.get(number) ?? 0, leaving.signal))
      passage.push({ id, number, ...told });
    passage.push({ id, number, seq: 0 });
  }
  async function look(): Promise<void> {
    for (const run of await runsWithNews(database, newest, [...open.keys()])) {
      newest = Math.max(newest, run.number);
      if (followed.has(run.id)) continue;
      followed.add(run.id);
      open.set(run.number, open.get(run.number) ?? 0);
      pump(run).catch(passage.fail);
    }
  }
  // A run that is followed already needs no look; an empty text says that some news may have been missed.
  const heard = (run: string) => {
    if (!followed.has(run)) look().catch(passage.fail);
  };
  const silence = await database.listen(eventChannel, heard);
  try {
    await look();
    for await (const { id, number, seq, event } of passage.read()) {
      if (event === undefined || event.type === 'run-end') open.delete(number);
      else open.set(number, seq);
      if (event) yield { cursor: cursorText({ newest, open }), run: id, event };
    }
  } finally {
    leaving.abort();
    await silence();
  }
}
