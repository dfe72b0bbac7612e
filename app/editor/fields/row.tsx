import type { ReactNode } from 'react';

/** A field on one line: its name on the left, its control on the right. */
export function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex h-7 items-center rounded-md bg-field pl-2.5 focus-within:ring-2 focus-within:ring-accent hover:bg-field-hover">
      <span className="shrink-0 truncate pr-2 text-ink-2">{label}</span>
      <div className="flex h-full min-w-0 flex-1 items-center justify-end">{children}</div>
    </div>
  );
}
