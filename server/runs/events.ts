import type { Database } from '../store/database.ts';
import { eventChannel, eventsAfter, type NumberedEvent } from '../store/events.ts';
import { runById } from '../store/runs.ts';

/** Tells everyone in this process who follows a run that it has news. */
export interface EventFeed extends AsyncDisposable {
  /**
   * Every event after the number `after`, those already past and those to come, until the run has ended or the signal
   * aborts. A run that does not exist has no events.
   */
  follow(run: string, after: number, signal: AbortSignal): AsyncGenerator<NumberedEvent, void, undefined>;
}

const pageSize = 500;

/** Follows runs, whichever process works on them, over one listener of the database. */
export async function openEventFeed(database: Database): Promise<EventFeed> {
  const followers = new Map<string, Set<() => void>>();
  const wake = (run: string) => {
    // An empty text says that some may have been missed.
    const woken = run === '' ? [...followers.values()].flatMap((set) => [...set]) : (followers.get(run) ?? []);
    for (const resume of [...woken]) resume();
  };
  const close = await database.listen(eventChannel, wake);

  async function* follow(run: string, after: number, signal: AbortSignal) {
    const news = createBell();
    const attached = followers.get(run) ?? new Set();
    followers.set(run, attached.add(news.ring));
    signal.addEventListener('abort', news.ring);
    try {
      for (let last = after; !signal.aborted; ) {
        // Silenced before reading, so that what happens while reading rings again.
        news.silence();
        // Its end and its last event are one transaction: a run seen as ended has all its events.
        const ended = await hasEnded(database, run);
        const page = await eventsAfter(database, run, last, pageSize);
        for (const numbered of page) {
          if (signal.aborted) return;
          last = numbered.seq;
          yield numbered;
        }
        if (page.length === pageSize) continue;
        if (ended) return;
        await news.rung();
      }
    } finally {
      signal.removeEventListener('abort', news.ring);
      attached.delete(news.ring);
      if (attached.size === 0 && followers.get(run) === attached) followers.delete(run);
    }
  }
  return { follow, [Symbol.asyncDispose]: close };
}

async function hasEnded(database: Database, id: string): Promise<boolean> {
  const run = await runById(database, id);
  return !run || !(run.state === 'queued' || run.state === 'running');
}

/** Remembers one ring until somebody waits for it. */
function createBell() {
  let rings = false;
  let waiting: (() => void) | undefined;
  return {
    ring() {
      rings = true;
      waiting?.();
    },
    silence() {
      rings = false;
    },
    rung: () =>
      new Promise<void>((resolve) => {
        waiting = resolve;
        if (rings) resolve();
      }),
  };
}
