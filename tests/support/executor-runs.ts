import { readFileSync } from 'node:fs';
import { type Graph, readGraph } from '../../nodes/graph.ts';
import { applyPatch } from '../../nodes/patch.ts';
import type { RunEvent } from '../../server/engine/events.ts';
import type { Executor } from '../../server/executor/supervisor.ts';

/** The starter graph with seed 7, or other values for some parameters, by node. */
export function portrait(changes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {}): Graph {
  const file = new URL('../../nodes/templates/portrait.json', import.meta.url);
  const patch = Object.entries(changes).flatMap(([node, params]) =>
    Object.entries(params).map(([param, value]) => ({ do: 'set-param' as const, node, param, value })),
  );
  const seeded = { do: 'set-param' as const, node: 'diffusion', param: 'seed', value: 7 };
  return applyPatch(readGraph(readFileSync(file, 'utf8')), [seeded, ...patch]);
}

/** Starts a run and keeps what it says. */
export function start(executor: Executor, graph: Graph, targets?: readonly string[]) {
  const stop = new AbortController();
  const events: RunEvent[] = [];
  const heard = new Set<() => void>();
  const emit = (event: RunEvent) => {
    events.push(event);
    for (const check of heard) check();
  };
  const ended = executor.run({ id: 'run', graph, ...(targets ? { targets } : {}) }, { signal: stop.signal, emit });
  // A test that waits for an event first may not yet listen when the run is rejected.
  ended.catch(() => undefined);
  /** Resolves with the first event like this, heard already or yet to come; rejects when the run ends without one. */
  async function first(isIt: (event: RunEvent) => boolean): Promise<RunEvent> {
    const found = new Promise<RunEvent>((resolve) => {
      const check = () => {
        const event = events.find(isIt);
        if (event) resolve(event);
      };
      heard.add(check);
      check();
    });
    const never = ended.then(() => {
      throw new Error('The run ended without the event that was waited for.');
    });
    return Promise.race([found, never]);
  }
  /** Resolves when the node has begun. */
  const starts = (node: string) => first((event) => event.type === 'node-start' && event.node === node);
  return { ended, events, stop: () => stop.abort(), first, starts };
}

/** Runs a graph to its end and says which nodes did something. */
export async function run(executor: Executor, graph: Graph) {
  const { ended, events } = start(executor, graph);
  const outcome = await ended;
  const ends = events.filter((event) => event.type === 'node-end');
  const output = (node: string, port: string) => ends.find((event) => event.node === node)?.outputs[port];
  return {
    outcome,
    events,
    ran: ends.filter((event) => !event.cached).map((event) => event.node),
    cached: ends.filter((event) => event.cached).map((event) => event.node),
    /** The files that the Save node kept. */
    files: [output('save', 'file')].flat().filter((file) => typeof file === 'string'),
  };
}
