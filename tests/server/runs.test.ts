import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGraph } from '../../nodes/graph.ts';
import type { RunEvent } from '../../server/engine/events.ts';
import { createQueue, type Queue } from '../../server/runs/queue.ts';
import { createRuns, type Runs } from '../../server/runs/runs.ts';
import { startWorkerHost } from '../../server/runs/worker-host.ts';
import { createGraphs } from '../../server/store/graphs.ts';
import { temporaryDatabase } from '../support/databases.ts';
import { quickly, type Script, scriptedExecutor, untilStopped } from '../support/scripted-executor.ts';

let held: Awaited<ReturnType<typeof temporaryDatabase>>;
let queue: Queue;
let runs: Runs;

beforeAll(async () => {
  held = await temporaryDatabase();
  queue = await createQueue(held.database);
  runs = await createRuns({ database: held.database, queue, graphs: createGraphs(held.database), facts: () => ({}) });
});
afterAll(async () => {
  await runs[Symbol.asyncDispose]();
  await held[Symbol.asyncDispose]();
});

const graph = parseGraph({
  format: 1,
  name: 'Portrait',
  nodes: {
    words: { type: 'prompt', params: { text: 'a face' } },
    paint: { type: 'diffusion' },
    keep: { type: 'save' },
  },
  edges: [
    { from: ['words', 'prompt'], to: ['paint', 'prompt'] },
    { from: ['paint', 'images'], to: ['keep', 'image'] },
  ],
});

const hostFor = (script: Script) =>
  startWorkerHost({ database: held.database, queue, executor: scriptedExecutor(script), heartbeatMs: 100 });

async function eventsOf(id: string, after = 0): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const { event } of runs.follow(id, after, AbortSignal.timeout(20_000))) events.push(event);
  return events;
}

describe('a run', () => {
  test('waits in the queue, is worked on and ends, with all its events', async () => {
    const { id, state } = await runs.start({ graph });
    expect(state).toBe('queued');
    await using _host = await hostFor(quickly);
    const events = await eventsOf(id);
    expect(events.map(({ type }) => type).join(' ')).toBe(
      'run-start node-start node-end node-start node-end node-start node-end run-end',
    );
    expect(await runs.get(id)).toMatchObject({ state: 'done', ran: 3, cached: 0, seeds: { 'paint.seed': '0' } });
  });

  test('stops while it is running', async () => {
    await using _host = await hostFor(untilStopped);
    const { id } = await runs.start({ graph });
    const events: RunEvent[] = [];
    for await (const { event } of runs.follow(id, 0, AbortSignal.timeout(20_000))) {
      events.push(event);
      if (event.type === 'node-start') await runs.stop(id);
    }
    expect(events.at(-1)).toMatchObject({ type: 'run-end', outcome: 'stopped' });
  });
});
