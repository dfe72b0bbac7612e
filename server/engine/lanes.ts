import type { Lane } from '../../nodes/define-node.ts';

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

interface Waiter {
  readonly admit: () => void;
  readonly preferred: (() => boolean) | undefined;
}

// Looking at every waiter would make a queue of N cost N².
const lookedAt = 64;

/** Lanes of these widths. */
export function createLanes(widths: LaneWidths): Lanes {
  const taken: Record<Lane, number> = { gpu: 0, cpu: 0, io: 0 };
  const queues: Readonly<Record<Lane, Set<Waiter>>> = { gpu: new Set(), cpu: new Set(), io: new Set() };

  function place(lane: Lane): Disposable {
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        const next = nextOf(queues[lane]);
        if (next) next.admit();
        else taken[lane] -= 1;
      },
    };
  }

  return {
    async enter(lane, signal, preferred) {
      signal.throwIfAborted();
      if (taken[lane] < widths[lane]) taken[lane] += 1;
      else await turn(queues[lane], signal, preferred);
      return place(lane);
    },
    busy: (lane) => taken[lane],
  };
}

/** Takes the next waiter out of the queue. */
function nextOf(queue: Set<Waiter>): Waiter | undefined {
  let chosen: Waiter | undefined;
  let seen = 0;
  for (const waiter of queue) {
    chosen ??= waiter;
    if (waiter.preferred?.()) {
      chosen = waiter;
      break;
    }
    seen += 1;
    if (seen === lookedAt) break;
  }
  if (chosen) queue.delete(chosen);
  return chosen;
}

function turn(queue: Set<Waiter>, signal: AbortSignal, preferred: (() => boolean) | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      queue.delete(waiter);
      reject(signal.reason);
    };
    const admit = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const waiter = { admit, preferred };
    queue.add(waiter);
    signal.addEventListener('abort', leave, { once: true });
  });
}
