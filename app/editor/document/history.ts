import type { Graph } from '../../../nodes/graph.ts';

/** One step that a person can undo. Changes of the same group in quick succession are one step. */
export interface Command {
  /** In the words of a menu: "Connect", "Move 3 nodes". */
  readonly label: string;
  readonly group?: string;
  readonly change: (graph: Graph) => Graph;
}

interface Step {
  readonly label: string;
  readonly group: string | undefined;
  /** Milliseconds; when the step was last added to. */
  readonly at: number;
  /** The document before the step (in `past`) or after it (in `future`). */
  readonly graph: Graph;
}

/** A document with everything needed to go back and forth. Documents share what did not change, so steps are small. */
export interface History {
  readonly present: Graph;
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

const groupedWithin = 1200;
const mostSteps = 1000;

/** A document nothing was done to yet. */
export const startHistory = (graph: Graph): History => ({ present: graph, past: [], future: [] });

/** The history after a command; a command that changes nothing leaves no step. `now` is in milliseconds. */
export function perform(history: History, { label, group, change }: Command, now: number): History {
  const present = change(history.present);
  if (present === history.present) return history;
  const last = history.past.at(-1);
  if (last && group !== undefined && last.group === group && now - last.at < groupedWithin) {
    return { present, past: [...history.past.slice(0, -1), { ...last, at: now }], future: [] };
  }
  const step = { label, group, at: now, graph: history.present };
  return { present, past: [...history.past, step].slice(-mostSteps), future: [] };
}

/** One step back; the same history when there is none. */
export function undo(history: History): History {
  const step = history.past.at(-1);
  if (!step) return history;
  const undone = { ...step, group: undefined, graph: history.present };
  return { present: step.graph, past: history.past.slice(0, -1), future: [undone, ...history.future] };
}

/** One step forward again; the same history when there is none. */
export function redo(history: History): History {
  const [step, ...future] = history.future;
  if (!step) return history;
  return { present: step.graph, past: [...history.past, { ...step, graph: history.present }], future };
}
