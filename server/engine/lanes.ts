import type { Lane } from '../../nodes/define-node.ts';
import { createTurns } from './turns.ts';

/** How many jobs each lane runs at once. */
export type LaneWidths = Readonly<Record<Lane, number>>;

/** The queues for resources, shared by all runs of a process. */
export interface Lanes {
  /**
   * Resolves when there is room; dispose the place to make room again. Rejects at once with the signal's reason.
   * Waiters come in order, but one that is `preferred` at that moment (its model is loaded) goes first.
   */
  enter(lane: Lane, signal: AbortSignal, preferred?: () => boolean): Promise<Disposable>;
  /** Places taken now. */
  busy(lane: Lane): number;
}

/** Lanes of these widths. */
export function createLanes(widths: LaneWidths): Lanes {
  const taken: Record<Lane, number> = { gpu: 0, cpu: 0, io: 0 };
  const queues = { gpu: createTurns(), cpu: createTurns(), io: createTurns() };

  function place(lane: Lane): Disposable {
    let held = true;
    return {
      [Symbol.dispose]() {
        // Whoever waits takes the place over, so that nobody slips in between.
        if (held && !queues[lane].next()) taken[lane] -= 1;
        held = false;
      },
    };
  }

  return {
    async enter(lane, signal, preferred) {
      signal.throwIfAborted();
      if (taken[lane] < widths[lane]) taken[lane] += 1;
      else await queues[lane].wait(signal, preferred);
      return place(lane);
    },
    busy: (lane) => taken[lane],
  };
}
