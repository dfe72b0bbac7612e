import { useEffect } from 'react';
import { useDocument } from '../document/document-store.ts';
import { useRun } from '../runs/run-store.ts';

/** Tells screen readers how the run goes, and writes its progress into the tab's title. */
export function RunAnnouncer() {
  const name = useDocument(({ history: { present } }) => present.name);
  const line = useRun((run) => run.line);
  const percent = useRun(({ phase, fraction }) => (phase === 'running' ? Math.round(fraction * 100) : undefined));
  useEffect(() => {
    document.title = percent === undefined ? `${name} · Aria` : `${percent} % · ${name} · Aria`;
  }, [name, percent]);
  return (
    <div aria-live="polite" className="sr-only">
      {line}
    </div>
  );
}
