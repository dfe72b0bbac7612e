import * as z from 'zod';
import { type Graph, GraphError, readGraph } from '../../../nodes/graph.ts';

/** A graph as it was last seen in this browser, so that a reload or a server that is away loses nothing. */
export interface Draft {
  readonly graph: Graph;
  /** The revision that the server had; 0 when it never got this graph. */
  readonly revision: number;
  /** True when the server has not got the last changes. */
  readonly changed: boolean;
}

const lastKey = 'aria.last';
const draftKey = (id: string) => `aria.draft.${id}`;
const listKey = 'aria.drafts';
const mostDrafts = 12;

const stored = z.object({ graph: z.string(), revision: z.int().nonnegative(), changed: z.boolean() });
const ids = z.array(z.string());

/** Where drafts are: those of the browser, and which graph is open in this tab. */
export interface Storages {
  readonly browser: Storage;
  readonly tab: Storage;
}

/** Keeps a draft and notes that its graph was open last. Older drafts that are safe on the server make room. */
export function keepDraft({ browser: storage, tab }: Storages, id: string, { graph, revision, changed }: Draft): void {
  tab.setItem(lastKey, id);
  storage.setItem(draftKey(id), JSON.stringify({ graph: JSON.stringify(graph), revision, changed }));
  storage.setItem(lastKey, id);
  const known = [id, ...list(storage).filter((other) => other !== id)];
  const kept = known.filter((other, index) => index < mostDrafts || readDraft(storage, other)?.changed === true);
  for (const other of known) if (!kept.includes(other)) storage.removeItem(draftKey(other));
  storage.setItem(listKey, JSON.stringify(kept));
}

/** The draft of a graph, or nothing where there is none that can be read. */
export function readDraft(storage: Storage, id: string): Draft | undefined {
  const text = storage.getItem(draftKey(id));
  const draft = stored.safeParse(parsed(text)).data;
  if (!draft) return undefined;
  try {
    return { ...draft, graph: readGraph(draft.graph) };
  } catch (error) {
    // A draft of a newer version; it stays in the storage for that version.
    if (error instanceof GraphError) return undefined;
    throw error;
  }
}

/** The graph that was open last in this tab; in a new tab, the one that was open last in this browser. */
export function lastDraft({ browser, tab }: Storages): Draft | undefined {
  const id = tab.getItem(lastKey) ?? browser.getItem(lastKey);
  return id === null ? undefined : readDraft(browser, id);
}

const list = (storage: Storage): string[] => ids.safeParse(parsed(storage.getItem(listKey))).data ?? [];

function parsed(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
