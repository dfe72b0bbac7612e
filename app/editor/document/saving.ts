import { TRPCClientError } from '@trpc/client';
import { create } from 'zustand';
import type { Graph } from '../../../nodes/graph.ts';
import { api, client, queryClient } from '../api.ts';
import { currentGraph, useDocument } from './document-store.ts';
import { keepDraft } from './drafts.ts';

type Saving =
  | { readonly state: 'saved' | 'changed' | 'saving' }
  /** The server cannot be reached; the draft in this browser is kept and saving is tried again. */
  | { readonly state: 'offline' }
  /** Somebody else saved this graph meanwhile. */
  | { readonly state: 'conflict'; readonly graphId: string };

interface SavingStore {
  readonly saving: Saving;
  /** By graph id: the revision that this browser last saw, and the document that the server has. */
  readonly known: ReadonlyMap<string, { readonly revision: number; readonly graph: Graph | undefined }>;
}

/** Where the document stands between this browser and the server. */
export const useSaving = create<SavingStore>()(() => ({ saving: { state: 'saved' }, known: new Map() }));

const pause = 900;
const draftPause = 200;
const retryPause = 5000;

/** Notes what the server has of a graph. */
export function noteStored(id: string, revision: number, graph: Graph | undefined): void {
  useSaving.setState(({ known }) => ({ known: new Map(known).set(id, { revision, graph }) }));
}

let inFlight: Promise<void> | undefined;

/** Saves the document now; resolves when the server has it, or when it cannot be saved, which the store then says. */
export async function saveNow(): Promise<void> {
  while (inFlight) await inFlight;
  inFlight = save(currentGraph()).finally(() => {
    inFlight = undefined;
  });
  return inFlight;
}

async function save(graph: Graph): Promise<void> {
  const { id } = graph;
  if (id === undefined) return;
  const known = useSaving.getState().known.get(id);
  if (known?.graph === graph) return useSaving.setState({ saving: { state: 'saved' } });
  useSaving.setState({ saving: { state: 'saving' } });
  try {
    const { revision } = await client.graphs.save.mutate({ id, graph, baseRevision: known?.revision ?? 0 });
    noteStored(id, revision, graph);
    useSaving.setState({ saving: { state: currentGraph() === graph ? 'saved' : 'changed' } });
    queryClient.invalidateQueries({ queryKey: api.graphs.list.queryKey() });
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    const conflict = error.data?.code === 'CONFLICT';
    useSaving.setState({ saving: conflict ? { state: 'conflict', graphId: id } : { state: 'offline' } });
  }
  writeDraft();
}

/** Keeps the document in this browser. */
export function writeDraft(): void {
  const graph = currentGraph();
  if (graph.id === undefined) return;
  const known = useSaving.getState().known.get(graph.id);
  keepDraft({ browser: localStorage, tab: sessionStorage }, graph.id, {
    graph,
    revision: known?.revision ?? 0,
    changed: known?.graph !== graph,
  });
}

/** Saves shortly after each change, until the signal says stop. */
export function followForSaving(signal: AbortSignal): void {
  let saveTimer: ReturnType<typeof setTimeout> | undefined;
  let draftTimer: ReturnType<typeof setTimeout> | undefined;
  const later = (wait: number) => {
    clearTimeout(saveTimer);
    saveTimer = setTimeout(async () => {
      await saveNow();
      if (useSaving.getState().saving.state === 'offline') later(retryPause);
    }, wait);
  };
  const stop = useDocument.subscribe((now, before) => {
    const graph = now.history.present;
    if (graph === before.history.present) return;
    clearTimeout(draftTimer);
    draftTimer = setTimeout(writeDraft, draftPause);
    const { saving } = useSaving.getState();
    if (saving.state === 'conflict' && saving.graphId === graph.id) return;
    useSaving.setState({ saving: { state: 'changed' } });
    later(pause);
  });
  window.addEventListener('pagehide', writeDraft, { signal });
  signal.addEventListener('abort', () => {
    clearTimeout(saveTimer);
    clearTimeout(draftTimer);
    stop();
  });
}
