import type { RunEvent } from '../engine/events.ts';

/** How far a node of a run is, or how it ended. */
export interface NodeProgress {
  readonly state: 'running' | 'done' | 'failed' | 'skipped';
  /** True when its result came from the cache. */
  readonly cached?: boolean;
  readonly ms?: number;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly string[];
  /** Why it failed or was skipped. */
  readonly message?: string;
}

export interface RunProgress {
  readonly nodes: Readonly<Record<string, NodeProgress>>;
  /** How many nodes were executed, and how many came from the cache. */
  readonly ran: number;
  readonly cached: number;
}

/** What the events of a run come to. A run that began again counts from there. */
export function progressOf(events: Iterable<RunEvent>): RunProgress {
  let nodes = new Map<string, NodeProgress>();
  for (const event of events) {
    if (event.type === 'run-start') nodes = new Map();
    if (event.type === 'node-start') nodes.set(event.node, { state: 'running' });
    if (event.type === 'node-end') nodes.set(event.node, ended(event));
    if (event.type === 'node-skip') nodes.set(event.node, { state: 'skipped', message: event.reason });
    if (event.type === 'node-fail') nodes.set(event.node, { state: 'failed', message: event.message });
  }
  const done = [...nodes.values()].filter(({ state }) => state === 'done');
  const cached = done.filter((node) => node.cached).length;
  return { nodes: Object.fromEntries(nodes), ran: done.length - cached, cached };
}

function ended({ cached, ms, outputs, warnings }: Extract<RunEvent, { type: 'node-end' }>): NodeProgress {
  return { state: 'done', cached, ms, outputs, ...(warnings && { warnings }) };
}

/** The node that was at work when the events stopped, if one was. */
export const runningIn = ({ nodes }: RunProgress): string | undefined =>
  Object.keys(nodes).find((node) => nodes[node]?.state === 'running');
