/** Lets one at a time work on a key; the next one takes over when the first lets go, with or without a result. */
export interface Claims {
  /** Resolves when nobody else works on the key. Rejects with the signal's reason. */
  claim(key: string, signal: AbortSignal): Promise<Disposable>;
}

/** Claims of one process. Other processes may do the same work at the same time, and store the same result. */
export function createClaims(): Claims {
  // Those who wait for each key that somebody works on.
  const claimed = new Map<string, Set<() => void>>();

  function letGo(key: string): void {
    const waiting = claimed.get(key);
    const [next] = waiting ?? [];
    if (!waiting || !next) claimed.delete(key);
    else {
      waiting.delete(next);
      next();
    }
  }

  return {
    async claim(key, signal) {
      signal.throwIfAborted();
      const waiting = claimed.get(key);
      if (waiting) await turn(waiting, signal);
      else claimed.set(key, new Set());
      let held = true;
      return {
        [Symbol.dispose]() {
          if (held) letGo(key);
          held = false;
        },
      };
    },
  };
}

function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(admit);
      reject(signal.reason);
    };
    const admit = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    waiting.add(admit);
    signal.addEventListener('abort', leave, { once: true });
  });
}
