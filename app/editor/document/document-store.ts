import { nanoid } from 'nanoid';
import { create } from 'zustand';
import { type Graph, parseGraph } from '../../../nodes/graph.ts';
import portrait from '../../../nodes/templates/portrait.json';
import * as history from './history.ts';

interface DocumentState {
  readonly history: history.History;
  readonly perform: (command: history.Command) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  /** Begins with a document, with nothing to undo. */
  readonly begin: (graph: Graph) => void;
}

/** A graph with an id that no other has. */
export const asNew = (graph: Graph): Graph => ({ ...graph, id: nanoid() });

/** The graph that a first visitor sees. */
export const starterGraph = (): Graph => asNew(parseGraph(portrait));

/** A graph with nothing in it. */
export const emptyGraph = (): Graph => asNew(parseGraph({ format: 1 }));

/** The document being drawn, and the way back. Runs and their pictures are kept elsewhere. */
export const useDocument = create<DocumentState>()((set) => ({
  history: history.startHistory(starterGraph()),
  perform: (command) => set((state) => ({ history: history.perform(state.history, command, Date.now()) })),
  undo: () => set((state) => ({ history: history.undo(state.history) })),
  redo: () => set((state) => ({ history: history.redo(state.history) })),
  begin: (graph) => set({ history: history.startHistory(graph) }),
}));

/** The graph as it is now, outside of components. */
export const currentGraph = (): Graph => useDocument.getState().history.present;

/** Does something to the graph, outside of components. */
export const perform = (command: history.Command): void => useDocument.getState().perform(command);

/** A node of the graph, drawn anew only when that node changes. */
export const useGraphNode = (id: string) => useDocument(({ history: { present } }) => present.nodes[id]);
