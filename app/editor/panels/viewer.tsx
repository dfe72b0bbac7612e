import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, Columns2, Download, Info, Workflow, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { toast } from 'sonner';
import { api, imageUrl } from '../api.ts';
import { useFit } from '../canvas/use-fit.ts';
import { openDetached } from '../document/graphs.ts';
import type { RunRecord } from '../runs/recent-runs.ts';
import { type Result, useResults } from '../runs/results-store.ts';
import { IconButton } from '../ui/button.tsx';
import { sentenceOf, sizeWords } from '../words.ts';
import { Compare } from './compare.tsx';
import { factsOf, keptFile } from './picture-facts.ts';
import { useViewer, type Viewed } from './viewer-store.ts';
import { ZoomedPicture } from './zoomed-picture.tsx';

/** Looks at one picture: zoom, pan, compare with the one before, what made it, its file and its graph. */
export function Viewer() {
  const { viewed, close } = useViewer();
  return (
    <Dialog.Root open={viewed !== undefined} onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/95" />
        <Dialog.Content
          aria-describedby={undefined}
          className="dark fixed inset-0 z-40 flex flex-col text-ink outline-none"
          onKeyDown={(event) => turn(event)}
        >
          <Dialog.Title className="sr-only">Result</Dialog.Title>
          {viewed && <Opened key={viewed.picture.digest} viewed={viewed} close={close} />}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Opened({ viewed: { picture, run: runId }, close }: { viewed: Viewed; close: () => void }) {
  const [informed, setInformed] = useState(false);
  const [comparing, setComparing] = useState(false);
  const older = useNeighbour(picture.digest, 1);
  const newer = useNeighbour(picture.digest, -1);
  const { data: run } = useQuery(api.runs.get.queryOptions({ run: runId ?? '' }, { enabled: runId !== undefined }));
  return (
    <>
      <div className="flex h-14 shrink-0 items-center gap-1 px-3">
        <span className="mr-auto px-2 text-ink-2 tabular-nums">{sizeWords(picture)}</span>
        <Switch label="Compare with the one before" on={comparing} disabled={!older} change={setComparing}>
          <Columns2 className="size-4" />
        </Switch>
        <OpenGraph run={run} close={close} />
        <Switch label="Info" on={informed} disabled={!run} change={setInformed}>
          <Info className="size-4" />
        </Switch>
        <a
          aria-label="Download"
          title="Download"
          href={downloadUrl(picture.digest, run)}
          download
          className="flex size-8 items-center justify-center rounded-lg text-ink-2 hover:bg-field hover:text-ink"
        >
          <Download className="size-4" />
        </a>
        <Dialog.Close asChild>
          <IconButton label="Close" shortcut="Esc">
            <X className="size-4" />
          </IconButton>
        </Dialog.Close>
      </div>
      <div className="relative flex min-h-0 flex-1">
        {comparing && older ? <Compare before={older.picture} after={picture} /> : <ZoomedPicture picture={picture} />}
        <Turn to={newer} label="Newer" side="left" />
        <Turn to={older} label="Older" side="right" />
        {informed && run && <Facts run={run} digest={picture.digest} />}
      </div>
    </>
  );
}

function Switch({ label, on, disabled, change, children }: SwitchProps) {
  return (
    <IconButton
      label={label}
      aria-pressed={on}
      disabled={disabled}
      onClick={() => change(!on)}
      className={on ? 'bg-field text-ink' : ''}
    >
      {children}
    </IconButton>
  );
}

interface SwitchProps {
  label: string;
  on: boolean;
  disabled: boolean;
  change: (on: boolean) => void;
  children: ReactNode;
}

function OpenGraph({ run, close }: { run: RunRecord | undefined; close: () => void }) {
  const showAll = useFit();
  const open = async () => {
    if (!run) return;
    try {
      await openDetached(run.graph, 'Open the graph of a picture');
      close();
      showAll();
    } catch (error) {
      toast.error(sentenceOf(error));
    }
  };
  return (
    <IconButton label="Open graph" disabled={!run} onClick={open}>
      <Workflow className="size-4" />
    </IconButton>
  );
}

function Facts({ run, digest }: { run: RunRecord; digest: string }) {
  return (
    <aside
      aria-label="Info"
      className="absolute inset-y-0 right-0 z-10 w-80 max-w-full overflow-y-auto border-l border-line bg-surface p-5 max-sm:top-auto max-sm:h-1/2 max-sm:w-full max-sm:border-t"
    >
      <h2 className="mb-4 font-medium">{run.name}</h2>
      <dl className="flex flex-col gap-3">
        {factsOf(run, digest).map(({ label, value }) => (
          <div key={`${label} ${value}`}>
            <dt className="text-[11px] text-ink-3">{label}</dt>
            <dd className="break-words select-text">{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

function Turn({ to, label, side }: { to: Result | undefined; label: string; side: 'left' | 'right' }) {
  if (!to) return null;
  const Icon = side === 'left' ? ChevronLeft : ChevronRight;
  return (
    <button
      type="button"
      aria-label={label}
      onClick={() => useViewer.getState().show(to.picture, to.run)}
      className={`absolute top-1/2 flex size-10 -translate-y-1/2 items-center justify-center rounded-full bg-black/50 text-white hover:bg-black/80 ${side === 'left' ? 'left-3' : 'right-3'}`}
    >
      <Icon className="size-5" />
    </button>
  );
}

function useNeighbour(digest: string, step: 1 | -1): Result | undefined {
  const results = useResults((store) => store.results);
  const index = results.findIndex(({ picture }) => picture.digest === digest);
  return index < 0 ? undefined : results[index + step];
}

function turn({ key }: KeyboardEvent): void {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
  const { results } = useResults.getState();
  const { viewed, show } = useViewer.getState();
  const index = results.findIndex(({ picture }) => picture.digest === viewed?.picture.digest);
  const next = index < 0 ? undefined : results[index + (key === 'ArrowRight' ? 1 : -1)];
  if (next) show(next.picture, next.run);
}

function downloadUrl(digest: string, run: RunRecord | undefined): string {
  const kept = run && keptFile(run, digest);
  const name = encodeURIComponent(kept?.split('/').at(-1) ?? `${run?.name || 'picture'}.png`);
  return kept ? `/gallery/${kept}?download=${name}` : `${imageUrl(digest)}?download=${name}`;
}
