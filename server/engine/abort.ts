// One listener for each signal: an EventTarget looks at all its listeners whenever one is added.
const actions = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls the action when the signal aborts, unless the returned function was called before. */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const known = actions.get(signal);
  const set = known ?? new Set();
  if (!known) {
    actions.set(signal, set);
    signal.addEventListener('abort', () => [...set].forEach(call), { once: true });
  }
  set.add(action);
  return () => void set.delete(action);
}

/** The result, or the signal's reason as soon as it aborts; the work itself goes on for whoever else waits for it. */
export function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const forget = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(forget);
  });
}

const call = (action: () => void) => action();
