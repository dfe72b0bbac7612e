import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { Problem } from '../../../nodes/problems.ts';
import { applyFix } from '../document/commands.ts';
import { perform } from '../document/document-store.ts';
import { classes } from '../ui/classes.ts';

/** Sentences about what is wrong, each with the button that mends it where there is one. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1">
      {problems.map((problem) => (
        <li
          key={`${problem.code} ${problem.port} ${problem.message}`}
          className={classes(
            'flex items-start gap-2 rounded-md px-2.5 py-1.5 text-xs leading-4',
            problem.severity === 'error' ? 'bg-bad-soft text-bad' : 'bg-warn-soft text-warn',
          )}
        >
          <Sign severity={problem.severity} />
          <div className="min-w-0 flex-1 break-words">
            {problem.message}
            {problem.fix && <FixButton {...problem.fix} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The sign of an error or a warning; shape and colour tell which. */
export function Sign({ severity }: { severity: Problem['severity'] }) {
  const Icon = severity === 'error' ? CircleAlert : TriangleAlert;
  return <Icon aria-label={severity === 'error' ? 'Error' : 'Warning'} className="mt-px size-3.5 shrink-0" />;
}

function FixButton({ label, patch }: NonNullable<Problem['fix']>) {
  return (
    <button
      type="button"
      onClick={() => perform(applyFix(label, patch))}
      className="nodrag mt-1 block rounded-md border border-current/30 px-2 py-0.5 font-medium hover:bg-current/10"
    >
      {label}
    </button>
  );
}
