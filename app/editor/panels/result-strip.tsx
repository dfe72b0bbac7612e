import { imageUrl } from '../api.ts';
import { ZoomBar } from '../canvas/zoom-bar.tsx';
import { useResults } from '../runs/results-store.ts';
import { useRun, useRunning } from '../runs/run-store.ts';
import { classes } from '../ui/classes.ts';
import { sizeWords } from '../words.ts';
import { useViewer } from './viewer-store.ts';

/** The pictures of the latest runs, the newest first, and one line on how the run goes or went. */
export function ResultStrip() {
  return (
    <section
      aria-label="Results"
      className="pointer-events-none absolute inset-x-2 bottom-2 z-10 flex items-end gap-2 sm:inset-x-3 sm:bottom-4"
    >
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2">
        <RunLine />
        <Thumbnails />
      </div>
      <ZoomBar />
    </section>
  );
}

function Thumbnails() {
  const results = useResults((store) => store.results);
  if (results.length === 0) return null;
  return (
    <ul className="pointer-events-auto flex max-w-full gap-1.5 overflow-x-auto rounded-xl border border-line bg-surface/95 p-1.5 shadow-card backdrop-blur">
      {results.map(({ picture, run }, index) => (
        <li key={picture.digest} className="shrink-0">
          <button
            type="button"
            aria-label={`Result ${index + 1}, ${sizeWords(picture)}`}
            onClick={() => useViewer.getState().show(picture, run)}
            className="block h-18 overflow-hidden rounded-lg border border-transparent hover:border-accent max-sm:h-14"
            style={{ aspectRatio: Math.min(2, Math.max(0.5, picture.width / picture.height)) }}
          >
            <img
              src={imageUrl(picture.digest, 256)}
              alt={`Result ${index + 1}`}
              loading="lazy"
              className="size-full object-cover"
              draggable={false}
            />
          </button>
        </li>
      ))}
    </ul>
  );
}

function RunLine() {
  const line = useRun((run) => run.line);
  const phase = useRun((run) => run.phase);
  const running = useRunning();
  const percent = useRun(({ fraction }) => Math.round(fraction * 100));
  if (line === '') return null;
  return (
    <p
      className={classes(
        'pointer-events-auto flex h-7 max-w-full items-center gap-2 rounded-lg border border-line bg-surface/95 px-2.5 text-xs text-ink-2 shadow-card backdrop-blur',
        phase === 'failed' && 'text-bad',
      )}
    >
      <span className="truncate">{line}</span>
      {running && <span className="text-ink-3 tabular-nums">{percent} %</span>}
    </p>
  );
}
