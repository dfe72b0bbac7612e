import type { Problem } from '../../nodes/problems.ts';
import type { ChildExit } from './child-process.ts';
import type { FromExecutor } from './protocol.ts';

/** Thrown when the executor process ended while it was working. `cause` has what it printed last, for logs only. */
export class ExecutorCrashError extends Error {
  override readonly name = 'ExecutorCrashError';
  readonly code: number | null;
  readonly signal: string | null;
  /** The id of the node that was running, where one was. */
  readonly node: string | undefined;
  constructor({ code, signal, lastWords }: ChildExit, running?: { node: string; title: string }) {
    const how = signal ?? (code === null ? 'it could not be started' : `exit code ${code}`);
    const where = running ? ` while running ${running.title}` : '';
    // The kernel's out-of-memory killer sends SIGKILL and leaves no other trace.
    const why = signal === 'SIGKILL' ? '; this often means the machine ran out of memory' : '';
    super(`The executor stopped unexpectedly (${how})${where}${why}.`, lastWords ? { cause: lastWords } : undefined);
    this.code = code;
    this.signal = signal;
    this.node = running?.node;
  }
}

/** Thrown when the executor cannot do what it was asked. `cause` has the stack that it had there, for logs only. */
export class ExecutorRefusal extends Error {
  override readonly name = 'ExecutorRefusal';
  /** The class of the error in the executor, such as InvalidGraphError. */
  readonly kind: string;
  /** Everything that is wrong with the graph, where that is the reason. */
  readonly problems: readonly Problem[] | undefined;
  constructor({ kind, message, trace, problems }: Extract<FromExecutor, { type: 'refusal' }>) {
    super(message, { cause: trace });
    this.kind = kind;
    this.problems = problems;
  }
}

/** Thrown into runs that were in flight when the executor was disposed. They can be run again elsewhere. */
export class ExecutorClosedError extends Error {
  override readonly name = 'ExecutorClosedError';
  constructor() {
    super('The executor was closed.');
  }
}
