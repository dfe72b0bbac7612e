import { Check, X } from 'lucide-react';
import type { NodeRun } from '../runs/run-state.ts';
import { classes } from '../ui/classes.ts';

/** A small ring that tells what the node does: empty, waiting, filling, done, from the cache, failed. */
export function StatusRing({ run }: { run: NodeRun | undefined }) {
  const words = statusWords(run);
  if (run?.state === 'done') {
    return (
      <span
        role="img"
        aria-label={words}
        className={classes(
          'flex size-4 shrink-0 items-center justify-center rounded-full text-surface',
          run.cached ? 'border border-good bg-transparent text-good' : 'bg-good',
        )}
      >
        <Check className="size-2.5" strokeWidth={3.5} />
      </span>
    );
  }
  if (run?.state === 'failed') {
    return (
      <span
        role="img"
        aria-label={words}
        className="flex size-4 shrink-0 items-center justify-center rounded-full bg-bad text-surface"
      >
        <X className="size-2.5" strokeWidth={3.5} />
      </span>
    );
  }
  const fraction = run?.state === 'running' ? Math.max(0.06, run.fraction) : 0;
  return (
    <svg role="img" aria-label={words} viewBox="0 0 16 16" className="size-4 shrink-0 -rotate-90">
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="var(--line-strong)"
        strokeWidth="2"
        strokeDasharray={run?.state === 'queued' ? '2.2 2.5' : undefined}
      />
      {run?.state === 'running' && (
        <circle
          cx="8"
          cy="8"
          r="6"
          fill="none"
          stroke="var(--accent)"
          strokeWidth="2.5"
          strokeLinecap="round"
          strokeDasharray={`${fraction * 37.7} 37.7`}
          className="transition-[stroke-dasharray] duration-200"
        />
      )}
    </svg>
  );
}

/** The state of a node in one word or two, for the ear. */
export function statusWords(run: NodeRun | undefined): string {
  switch (run?.state) {
    case undefined:
      return 'Idle';
    case 'queued':
      return 'Waiting';
    case 'running':
      return run.step !== undefined && run.of !== undefined
        ? `Running, step ${run.step} of ${run.of}`
        : `Running, ${Math.round(run.fraction * 100)} %`;
    case 'done':
      return run.cached ? 'Cached' : 'Done';
    case 'failed':
      return 'Failed';
    case 'skipped':
      return 'Skipped';
  }
}
