import type { Graph } from '../../../nodes/graph.ts';
import { client } from '../api.ts';
import { replaceGraph } from './commands.ts';
import { asNew, currentGraph, emptyGraph, perform, starterGraph, useDocument } from './document-store.ts';
import { lastDraft } from './drafts.ts';
import { noteStored, saveNow, useSaving, writeDraft } from './saving.ts';

/** Opens a graph that comes from elsewhere, as a new one; the graph that was open is saved first and undo brings it back. */
export async function openDetached(graph: Graph, label: string): Promise<void> {
  await saveNow();
  perform(replaceGraph(label, asNew(graph)));
  writeDraft();
}

/** Opens a saved graph. Rejects when it is no longer there. */
export async function openStored(id: string): Promise<void> {
  await saveNow();
  const { graph, revision } = await client.graphs.get.query({ id });
  show({ ...graph, id }, revision, 'Open graph');
}

/** Opens an empty graph, or the starter graph. */
export async function openNew(kind: 'empty' | 'starter'): Promise<void> {
  await saveNow();
  perform(replaceGraph('New graph', kind === 'empty' ? emptyGraph() : starterGraph()));
  writeDraft();
}

/** Gives up the changes made here for those that were saved elsewhere. Undo brings them back. */
export async function reloadTheirs(id: string): Promise<void> {
  const { graph, revision } = await client.graphs.get.query({ id });
  show({ ...graph, id }, revision, 'Reload');
  useSaving.setState({ saving: { state: 'saved' } });
}

/** Goes on with the changes made here as a graph of its own. */
export async function keepAsCopy(): Promise<void> {
  const graph = currentGraph();
  perform(replaceGraph('Keep as a copy', asNew({ ...graph, name: `${graph.name}, copy` })));
  await saveNow();
}

function show(graph: Graph, revision: number, label: string): void {
  perform(replaceGraph(label, graph));
  noteStored(graph.id ?? '', revision, graph);
  useSaving.setState({ saving: { state: 'saved' } });
  writeDraft();
}

/**
 * Begins with the graph that was open last, or the starter graph. The server's state is looked up afterwards, so that the
 * canvas can be used at once: changes that it has not got are saved, and newer ones of its own are shown.
 */
export function beginWithLast(): void {
  const draft = lastDraft({ browser: localStorage, tab: sessionStorage });
  useDocument.getState().begin(draft?.graph ?? starterGraph());
  if (!draft?.graph.id) return;
  noteStored(draft.graph.id, draft.revision, draft.changed ? undefined : draft.graph);
}

/** Catches up with the server about the graph that was opened from a draft. Rejects when the server cannot be reached. */
export async function catchUp(): Promise<void> {
  const graph = currentGraph();
  const known = graph.id === undefined ? undefined : useSaving.getState().known.get(graph.id);
  if (graph.id === undefined || !known || known.revision === 0) return;
  if (known.graph !== graph) return saveNow();
  const stored = await client.graphs.get.query({ id: graph.id });
  if (stored.revision > known.revision && currentGraph() === graph) {
    noteStored(graph.id, stored.revision, stored.graph);
    useDocument.getState().begin({ ...stored.graph, id: graph.id });
  }
}
