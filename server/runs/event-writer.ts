import type { RunEvent } from '../engine/events.ts';

/** Writes what a run says, in order. Between two steps of progress of a node only the newest is kept. */
export interface EventWriter {
  add(event: RunEvent): void;
  /** Resolves when everything added so far is written; rejects when something could not be. */
  flush(): Promise<void>;
}

/** A sampler step every few milliseconds would fill the database; ten times a second is enough for an eye. */
const progressPauseMs = 100;

/** `write` is called with one batch at a time. When it rejects, `failed` is called once and nothing more is written. */
export function createEventWriter(
  write: (batch: RunEvent[]) => Promise<void>,
  failed: (error: unknown) => void,
): EventWriter {
  let pending: RunEvent[] = [];
  let writing: Promise<void> | undefined;
  let hurry = () => {};
  let lastWrite = 0;
  let failure: { error: unknown } | undefined;

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      if (pending.every(isProgress)) await pause(lastWrite + progressPauseMs - Date.now());
      const batch = pending;
      pending = [];
      await write(batch);
      lastWrite = Date.now();
    }
  }
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  async function start(): Promise<void> {
    try {
      await drain();
    } catch (error) {
      failure = { error };
      failed(error);
    } finally {
      writing = undefined;
    }
  }

  return {
    add(event) {
      if (failure) return;
      if (event.type === 'node-progress') {
        pending = pending.filter((other) => !isProgress(other) || other.node !== event.node);
      }
      pending.push(event);
      if (event.type !== 'node-progress') hurry();
      writing ??= start();
    },
    async flush() {
      hurry();
      await writing;
      if (failure) throw failure.error;
    },
  };
}

const isProgress = (event: RunEvent) => event.type === 'node-progress';
