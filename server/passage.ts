/** Values that are pushed at one end and read in order at the other. */
export interface Passage<Value> {
  push(value: Value): void;
  /** Reading rejects with this after the values that were pushed before. */
  fail(error: unknown): void;
  close(): void;
  /** Ends when the passage is closed or the signal aborts. May be called once. */
  read(): AsyncGenerator<Value, void>;
}

/** Turns callbacks into something to loop over. */
export function createPassage<Value>(signal: AbortSignal): Passage<Value> {
  let waiting: Value[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake = () => {};
  const settle = (how: { readonly error?: unknown }) => {
    end ??= how;
    wake();
  };
  const close = () => settle({});
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });
  return {
    push(value) {
      waiting.push(value);
      wake();
    },
    fail: (error) => settle({ error }),
    close,
    async *read() {
      for (;;) {
        const ready = waiting;
        waiting = [];
        for (const value of ready) {
          if (signal.aborted) return;
          yield value;
        }
        if (waiting.length > 0) continue;
        if (end) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if ('error' in end) throw end.error;
    },
  };
}
