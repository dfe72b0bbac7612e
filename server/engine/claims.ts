import { createTurns, type Turns } from './turns.ts';

/** Lets one at a time work on a key; the next one takes over when the first lets go, with or without a result. */
export interface Claims {
  /** Resolves when nobody else works on the key. Rejects with the signal's reason. */
  claim(key: string, signal: AbortSignal): Promise<Disposable>;
}

/** Claims of one process. Other processes may do the same work at the same time, and store the same result. */
export function createClaims(): Claims {
  // Those who wait for each key that somebody works on.
  const claimed = new Map<string, Turns>();
  return {
    async claim(key, signal) {
      signal.throwIfAborted();
      const others = claimed.get(key);
      if (others) await others.wait(signal);
      else claimed.set(key, createTurns());
      let held = true;
      return {
        [Symbol.dispose]() {
          if (held && !claimed.get(key)?.next()) claimed.delete(key);
          held = false;
        },
      };
    },
  };
}
