import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from './api.ts';
import { AddMenu } from './canvas/add-menu.tsx';
import { Canvas } from './canvas/canvas.tsx';
import { EmptyHint } from './canvas/empty-hint.tsx';
import { drawDocument } from './canvas/flow-store.ts';
import { followDocument, useChecks } from './document/checks-store.ts';
import { beginWithLast, catchUp } from './document/graphs.ts';
import { followForSaving } from './document/saving.ts';
import { Palette } from './panels/palette.tsx';
import { ResultStrip } from './panels/result-strip.tsx';
import { RunAnnouncer } from './panels/run-announcer.tsx';
import { ConflictBar } from './panels/save-state.tsx';
import { TopBar } from './panels/top-bar.tsx';
import { Viewer } from './panels/viewer.tsx';
import { followRuns } from './runs/follow-runs.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** Everything on the page. */
export function Editor() {
  const ready = useStarted();
  useModels();
  useShortcuts();
  if (!ready) return <div className="h-dvh bg-canvas" />;
  return (
    <main className="relative h-dvh w-full overflow-hidden bg-canvas">
      <Canvas />
      <EmptyHint />
      <TopBar />
      <ConflictBar />
      <Palette />
      <ResultStrip />
      <AddMenu />
      <Viewer />
      <RunAnnouncer />
    </main>
  );
}

/** Opens the last graph and starts everything that follows it, once. */
function useStarted(): boolean {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const leaving = new AbortController();
    beginWithLast();
    drawDocument(leaving.signal);
    followDocument(leaving.signal);
    followForSaving(leaving.signal);
    followRuns(leaving.signal);
    setReady(true);
    // Without the server the draft is as good as it gets; saving is tried again with the next change.
    catchUp().catch(() => undefined);
    return () => leaving.abort();
  }, []);
  return ready;
}

function useModels(): void {
  const { data } = useQuery(api.models.list.queryOptions());
  useEffect(() => {
    if (data) useChecks.getState().setModels(data);
  }, [data]);
}
