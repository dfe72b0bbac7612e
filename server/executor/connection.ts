import type { RunEvent } from '../engine/events.ts';
import { type ChildExit, type ChildOptions, startChild } from './child-process.ts';
import { ExecutorRefusal } from './errors.ts';
import type { FromExecutor, Request } from './protocol.ts';

/** Thrown into every call that was waiting when the child ended. */
export class ChildEndedError extends Error {
  override readonly name = 'ChildEndedError';
  readonly exit: ChildExit;
  /** True when the call had nothing to do with it: the child was ended on purpose, or never heard of the call. */
  readonly innocent: boolean;
  constructor(exit: ChildExit, innocent: boolean) {
    super('The executor process ended.');
    this.exit = exit;
    this.innocent = innocent;
  }
}

/** One child process with the calls that wait for its answers. */
export interface Connection {
  readonly pid: number | undefined;
  /** Resolves when the child takes calls; rejects with `ChildEndedError`. Calls made earlier wait in its channel. */
  readonly ready: Promise<void>;
  /** Resolves with the answer; rejects with `ExecutorRefusal` or `ChildEndedError`. */
  ask(make: (call: number) => Request, hear?: (event: RunEvent) => void): { call: number; answer: Promise<unknown> };
  stop(call: number): void;
  /** Runs that have not ended. */
  readonly runs: number;
  /** Ends the child now; its calls are rejected as innocent. */
  recycle(): void;
  /** Resolves when the child is gone. */
  readonly ended: Promise<ChildExit>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly hear: ((event: RunEvent) => void) | undefined;
}

/** Forks a child and keeps track of what it was asked. */
export function connect(options: Omit<ChildOptions, 'hear'>): Connection {
  const waiting = new Map<number, Waiting>();
  let lastCall = 0;
  let recycled = false;

  const ask: Connection['ask'] = (make, hear) => {
    lastCall += 1;
    const call = lastCall;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (child.send(make(call))) waiting.set(call, { resolve, reject, hear });
      else void child.exited.then((exit) => reject(new ChildEndedError(exit, true)));
    });
    return { call, answer };
  };
  const hear = (message: FromExecutor) => {
    const key = message.type === 'ready' ? readiness : message.call;
    const call = waiting.get(key);
    if (message.type === 'event') return call?.hear?.(message.event);
    waiting.delete(key);
    if (message.type === 'refusal') call?.reject(new ExecutorRefusal(message));
    else call?.resolve(message.type === 'answer' ? message.value : undefined);
  };
  const child = startChild({ ...options, hear });
  const ready = new Promise<unknown>((resolve, reject) =>
    waiting.set(readiness, { resolve, reject, hear: undefined }),
  ).then(() => undefined);
  // Nobody may be waiting for readiness; a child that ends early is told to every caller anyway.
  ready.catch(() => undefined);
  const ended = child.exited.then((exit) => {
    for (const { reject } of waiting.values()) reject(new ChildEndedError(exit, recycled));
    waiting.clear();
    return exit;
  });
  return {
    pid: child.pid,
    ready,
    ask,
    stop: (call) => void child.send({ type: 'stop', call }),
    get runs() {
      return [...waiting.values()].filter(({ hear: watched }) => watched).length;
    },
    recycle() {
      recycled = true;
      child.kill();
    },
    ended,
  };
}

// Calls are numbered from 1.
const readiness = 0;
