import type { Problem } from '../../nodes/problems.ts';

/** Thrown when a graph cannot run, with everything that is wrong with it. */
export class ProblemsError extends Error {
  override readonly name = 'ProblemsError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error');
    const others = errors.length > 1 ? ` There is more to mend: ${errors.length} problems in all.` : '';
    super(`${errors[0]?.message ?? 'This graph cannot run.'}${others}`);
    this.problems = problems;
  }
}

/** Thrown when something is asked for that does not exist. The message is a sentence for the person. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}
