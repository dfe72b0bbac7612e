import { onAbort } from './abort.ts';

/** Waiters in the order in which they came; each leaves by itself when its signal aborts. */
export interface Turns {
  /** Resolves when it is this waiter's turn. Rejects at once with the signal's reason. */
  wait(signal: AbortSignal, preferred?: () => boolean): Promise<void>;
  /** Ends the waiting of the first preferred waiter, or else of the first. False when nobody waits. */
  next(): boolean;
}

interface Waiter {
  readonly admit: () => void;
  readonly preferred: (() => boolean) | undefined;
}

// Looking at every waiter would make a queue of N cost N².
const lookedAt = 64;

/** An empty queue. */
export function createTurns(): Turns {
  const waiters = new Set<Waiter>();
  return {
    wait: (signal, preferred) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const forget = onAbort(signal, () => {
          waiters.delete(waiter);
          reject(signal.reason);
        });
        const admit = () => {
          forget();
          resolve();
        };
        const waiter = { admit, preferred };
        waiters.add(waiter);
      }),
    next() {
      const waiter = chosenFrom(waiters);
      if (!waiter) return false;
      waiters.delete(waiter);
      waiter.admit();
      return true;
    },
  };
}

function chosenFrom(waiters: ReadonlySet<Waiter>): Waiter | undefined {
  let first: Waiter | undefined;
  let seen = 0;
  for (const waiter of waiters) {
    first ??= waiter;
    if (waiter.preferred?.()) return waiter;
    seen += 1;
    if (seen === lookedAt) break;
  }
  return first;
}
