import type { RunEvent } from '../../../server/engine/events.ts';
import { useRun } from './run-store.ts';

const mostWaiting = 50;

/** Events of runs that this tab has not asked for, or whose id it has not been told yet. */
const waiting = new Map<string, RunEvent[]>();
let pending: RunEvent[] = [];
let frame = 0;

/** Takes in an event of any run: shown when it is the run that is watched, kept for later otherwise. */
export function hear(run: string, event: RunEvent): void {
  if (useRun.getState().id !== run) {
    const list = waiting.get(run) ?? [];
    waiting.set(run, [...list, event]);
    const [oldest] = waiting.keys();
    if (waiting.size > mostWaiting && oldest !== undefined) waiting.delete(oldest);
    return;
  }
  pending.push(event);
  // Many small steps in one frame are drawn once.
  if (frame === 0) frame = window.setTimeout(flush, 16);
}

/** Watches a run from now on; what was heard of it before is caught up with. `nodes` are those that take part. */
export function adopt(run: string, nodes: readonly string[]): void {
  flush();
  useRun.getState().began(run, nodes);
  for (const event of waiting.get(run) ?? []) hear(run, event);
  waiting.delete(run);
}

function flush(): void {
  window.clearTimeout(frame);
  frame = 0;
  const events = pending;
  pending = [];
  if (events.length > 0) useRun.getState().heard(events);
}
