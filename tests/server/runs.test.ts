import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../server/engine/events.ts';
import { ExecutorClosedError, ExecutorCrashError, ExecutorRefusal } from '../../server/executor/errors.ts';
import { createQueue, type Queue } from '../../server/runs/queue.ts';
import { createRuns, type Runs } from '../../server/runs/runs.ts';
import { startWorkerHost } from '../../server/runs/worker-host.ts';
import { createGraphs, type Graphs } from '../../server/store/graphs.ts';
import { listPictures } from '../../server/store/images-index.ts';
import { type Lease, LeaseLostError, recordEvents, settleRun } from '../../server/store/leases.ts';
import { temporaryDatabase } from '../support/databases.ts';
import { portrait } from '../support/graphs.ts';
import { end, quickly, type Script, scriptedExecutor, untilStopped } from '../support/scripted-executor.ts';

let held: Awaited<ReturnType<typeof temporaryDatabase>>;
let queue: Queue;
let graphs: Graphs;
let runs: Runs;
let drawn = 100n;

beforeAll(async () => {
  held = await temporaryDatabase();
  queue = await createQueue(held.database);
  graphs = createGraphs(held.database);
  runs = await createRuns({ database: held.database, queue, graphs, facts: () => ({}), random: () => drawn++ });
});
afterAll(async () => {
  await runs[Symbol.asyncDispose]();
  await held[Symbol.asyncDispose]();
});

const hostFor = (script: Script, options: { slots?: number; log?: (message: string) => void } = {}) =>
  startWorkerHost({ database: held.database, queue, executor: scriptedExecutor(script), heartbeatMs: 50, ...options });

const soon = () => AbortSignal.timeout(60_000);

async function eventsOf(id: string, after = 0): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const { event } of runs.follow(id, after, soon())) events.push(event);
  return events;
}
const typesOf = (events: readonly RunEvent[]) => events.map(({ type }) => type).join(' ');

async function seen(id: string, wanted: (event: RunEvent) => boolean): Promise<void> {
  for await (const { event } of runs.follow(id, 0, soon())) if (wanted(event)) return;
  throw new Error('Expected an event that did not come.');
}
const started = (id: string) => seen(id, ({ type }) => type === 'node-start');

/** Starts the second node and dies, as often as `times` says; then ends well. */
const crashing =
  (times: number): Script =>
  async (run) => {
    if (run.visit > times) return quickly(run);
    run.emit({ type: 'run-start', nodes: 3 });
    run.emit({ type: 'node-start', node: 'words' });
    run.emit({ type: 'node-end', node: 'words', outputs: {}, cached: false, ms: 1 });
    run.emit({ type: 'node-start', node: 'paint' });
    const exit = { code: null, signal: 'SIGABRT', lastWords: '/secret/path' };
    throw new ExecutorCrashError(exit, { node: 'paint', title: 'Diffusion' });
  };

describe('starting a run', () => {
  test('is refused with everything that is wrong, and nothing is queued', async () => {
    const graph = portrait({ steps: 0, width: 65 });
    const refused = await runs.start({ graph }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'ProblemsError' });
    expect(refused).toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ node: 'paint', port: 'steps' }),
        expect.objectContaining({ node: 'paint', port: 'width' }),
      ]),
    });
    expect(await runs.waiting()).toEqual([]);
    expect(await runs.list({ limit: 10 })).toEqual([]);
  });

  test('writes seeds into the graph of the run: kept, drawn anew, or the next ones', async () => {
    const seedOf = async (policy: 'keep' | 'new' | 'next', seed: unknown) => {
      const { id, seeds } = await runs.start({ graph: portrait({ seed }), seeds: policy });
      const run = await runs.get(id);
      await runs.stop(id);
      return [seeds['paint.seed'], run?.graph.nodes.paint?.params.seed];
    };
    expect(await seedOf('keep', '18446744073709551615')).toEqual(['18446744073709551615', '18446744073709551615']);
    expect(await seedOf('next', 6)).toEqual(['7', '7']);
    expect(await seedOf('next', '18446744073709551615')).toEqual(['0', '0']);
    expect(await seedOf('new', 6)).toEqual(['100', '100']);
    expect(await seedOf('new', 6)).toEqual(['101', '101']);
  });

  test('takes a saved graph, a revision of it, and other values for its parameters', async () => {
    const { id: graphId } = await graphs.save({ graph: portrait({ steps: 3 }) });
    await graphs.save({ id: graphId, graph: portrait({ steps: 4 }) });
    const old = await runs.start({ graphId, revision: 1 });
    const changed = await runs.start({ graphId, inputs: { 'paint.guidance': 7 } });
    expect(old).toMatchObject({ graphId, revision: 1, name: 'Portrait' });
    expect((await runs.get(old.id))?.graph.nodes.paint?.params).toMatchObject({ steps: 3 });
    expect(changed).toMatchObject({ graphId, revision: 2 });
    expect((await runs.get(changed.id))?.graph.nodes.paint?.params).toMatchObject({ steps: 4, guidance: 7 });
    expect((await runs.list({ limit: 10, graphId })).map(({ id }) => id)).toEqual([changed.id, old.id]);
    await expect(runs.start({ graphId, revision: 9 })).rejects.toMatchObject({ name: 'NotFound' });
    await expect(runs.start({ graphId, inputs: { 'paint.colour': 7 } })).rejects.toMatchObject({ name: 'InputError' });
    for (const { id } of await runs.waiting()) await runs.stop(id);
  });

  test('with the same key gives the same run, one after the other and at once', async () => {
    const order = { graph: portrait(), idempotencyKey: 'monday' };
    const all = await Promise.all([runs.start(order), runs.start(order), runs.start(order)]);
    const again = await runs.start({ ...order, graph: portrait({ steps: 0 }) });
    expect(new Set([...all, again].map(({ id }) => id)).size).toBe(1);
    expect(await runs.waiting()).toHaveLength(1);
    await runs.stop(again.id);
    expect((await runs.start(order)).id).toBe(again.id);
  });
});

describe('a run', () => {
  test('waits in the queue, is worked on and ends, with all its events', async () => {
    const { id, state } = await runs.start({ graph: portrait(), targets: ['keep'] });
    expect(state).toBe('queued');
    await using _host = await hostFor(quickly);
    expect(typesOf(await eventsOf(id))).toBe(
      'run-start node-start node-end node-start node-end node-start node-end run-end',
    );
    const run = await runs.get(id);
    expect(run).toMatchObject({ state: 'done', ran: 3, cached: 0, attempt: 1, targets: ['keep'] });
    expect(run?.nodes.paint).toEqual({ state: 'done', cached: false, ms: 1, outputs: {} });
    expect(run?.endedAt?.getTime()).toBeGreaterThanOrEqual(run?.startedAt?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  test('goes before runs of a lower priority, and otherwise in order', async () => {
    const order: string[] = [];
    const script: Script = (run) => {
      order.push(run.id);
      return quickly(run);
    };
    const start = async (priority: 'batch' | 'interactive') => (await runs.start({ graph: portrait(), priority })).id;
    const [a, b, c, d] = [
      await start('batch'),
      await start('batch'),
      await start('interactive'),
      await start('interactive'),
    ];
    expect((await runs.waiting()).map(({ id }) => id)).toEqual([c, d, a, b]);
    expect((await Promise.all([a, b, c, d].map((id) => runs.get(id)))).map((run) => run?.position)).toEqual([
      2, 3, 0, 1,
    ]);
    await using _host = await hostFor(script);
    await Promise.all([a, b, c, d].map((id) => eventsOf(id)));
    expect(order).toEqual([c, d, a, b]);
  });

  test('that is stopped while it waits never begins', async () => {
    const { id } = await runs.start({ graph: portrait() });
    await runs.stop(id);
    await runs.stop(id);
    const { id: next } = await runs.start({ graph: portrait() });
    const begun: string[] = [];
    await using _host = await hostFor((run) => {
      begun.push(run.id);
      return quickly(run);
    });
    await eventsOf(next);
    expect(begun).toEqual([next]);
    expect(await runs.get(id)).toMatchObject({ state: 'stopped' });
    expect(typesOf(await eventsOf(id))).toBe('run-end');
  });

  test('is stopped while others go on', async () => {
    await using host = await hostFor(untilStopped, { slots: 2 });
    const [one, other] = [await runs.start({ graph: portrait() }), await runs.start({ graph: portrait() })];
    await Promise.all([started(one.id), started(other.id)]);
    await runs.stop(one.id);
    expect((await eventsOf(one.id)).at(-1)).toMatchObject({ type: 'run-end', outcome: 'stopped' });
    expect(await runs.get(other.id)).toMatchObject({ state: 'running' });
    await runs.stop(other.id);
    await eventsOf(other.id);
    await runs.stop(other.id);
    expect(await runs.get(other.id)).toMatchObject({ state: 'stopped', attempt: 1 });
    void host;
  });

  test('that does not exist cannot be stopped or followed', async () => {
    await expect(runs.stop('nothing')).rejects.toMatchObject({ name: 'NotFound' });
    await expect(eventsOf('nothing')).rejects.toMatchObject({ name: 'NotFound' });
    expect(await runs.get('nothing')).toBeUndefined();
  });

  test('fails with the words of the executor, and hides what was not meant for people', async () => {
    const failing = async (error: Error) => {
      const { id } = await runs.start({ graph: portrait() });
      const logged: string[] = [];
      await using _host = await hostFor(() => Promise.reject(error), { log: (message) => logged.push(message) });
      expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'run-end', outcome: 'failed' });
      return { ...(await runs.get(id)), logged };
    };
    const problem = { code: 'cycle' as const, severity: 'error' as const, node: 'paint', message: 'A circle.' };
    const refusal = { type: 'refusal' as const, call: 1, trace: '', message: 'A circle.' };
    const invalid = new ExecutorRefusal({ ...refusal, kind: 'InvalidGraphError', problems: [problem] });
    expect(await failing(invalid)).toMatchObject({ state: 'failed', error: 'A circle.', logged: [] });
    const hidden = await failing(new TypeError('/home/me/secret is undefined'));
    expect(hidden.error).not.toContain('secret');
    expect(hidden.logged).toHaveLength(1);
    const told = new ExecutorRefusal({ ...refusal, kind: 'TypeError', message: 'The disk is full.' });
    expect(await failing(told)).toMatchObject({ error: 'The disk is full.', logged: [expect.any(String)] });
  });

  test('is listed page by page, the newest first', async () => {
    const ids = [];
    for (let count = 0; count < 5; count++) ids.unshift((await runs.start({ graph: portrait() })).id);
    for (const id of ids) await runs.stop(id);
    const pages = [];
    for (let before: string | undefined, page = 0; page < 3; page++) {
      const found = (await runs.list({ limit: 2, before })).map(({ id }) => id);
      pages.push(...found);
      before = found.at(-1);
    }
    expect(pages.slice(0, 5)).toEqual(ids);
  });
});

describe('a run whose executor dies', () => {
  test('is taken up once more', async () => {
    const { id } = await runs.start({ graph: portrait() });
    await using _host = await hostFor(crashing(1));
    const events = await eventsOf(id);
    expect(events.filter(({ type }) => type === 'run-start')).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: 'run-end', outcome: 'done' });
    expect(await runs.get(id)).toMatchObject({ state: 'done', attempt: 2, ran: 3 });
  });

  test('twice fails, and names the node that was running', async () => {
    const { id } = await runs.start({ graph: portrait() });
    await using _host = await hostFor(crashing(5));
    const events = await eventsOf(id);
    expect(events.at(-2)).toMatchObject({ type: 'node-fail', node: 'paint' });
    const run = await runs.get(id);
    expect(run).toMatchObject({
      state: 'failed',
      attempt: 2,
      nodes: { paint: { state: 'failed' }, words: { state: 'done' } },
    });
    expect(run?.error).toMatch(/SIGABRT.*while running Diffusion, 2 times/);
    expect(JSON.stringify([run, events])).not.toContain('secret');
  });

  test('while it is being stopped is stopped', async () => {
    const { id } = await runs.start({ graph: portrait() });
    await using _host = await hostFor(async (run) => {
      await untilStopped(run);
      throw new ExecutorCrashError({ code: 1, signal: null, lastWords: '' });
    });
    await started(id);
    await runs.stop(id);
    expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'run-end', outcome: 'stopped' });
    expect(await runs.get(id)).toMatchObject({ state: 'stopped', attempt: 1 });
  });
});

describe('a run whose worker host goes', () => {
  test('waits for the next host, and the attempt does not count', async () => {
    const { id } = await runs.start({ graph: portrait() });
    const first = await hostFor(untilStopped);
    await started(id);
    await first[Symbol.asyncDispose]();
    expect(await runs.get(id)).toMatchObject({ state: 'queued', attempt: 1 });
    await using _second = await hostFor(quickly);
    expect((await eventsOf(id)).at(-1)).toMatchObject({ outcome: 'done' });
  });

  test('because its executor was closed is not taken by the same host again', async () => {
    const { id } = await runs.start({ graph: portrait() });
    let visits = 0;
    await using _host = await hostFor(() => {
      visits++;
      return Promise.reject(new ExecutorClosedError());
    });
    await wait(400);
    expect(await runs.get(id)).toMatchObject({ state: 'queued', attempt: 1 });
    expect(visits).toBe(1);
    await runs.stop(id);
  });

  test('silently is given to another once its lease has expired, and the first can change nothing', async () => {
    const { id } = await runs.start({ graph: portrait() });
    const ghost: Lease = { run: id, worker: 'ghost', attempt: 1 };
    await held.database.transaction((statements) => queue.take(statements));
    await using _host = await hostFor(untilStopped);
    // As if it were running at a host that was last heard of an hour ago.
    await held.database.executeSql(
      "update runs set state = 'running', worker = 'ghost', lease_at = now() - interval '1 hour' where id = $1",
      [id],
    );
    await started(id);
    expect(await runs.get(id)).toMatchObject({ state: 'running', attempt: 2 });
    const late = recordEvents(held.database, ghost, { events: [{ type: 'run-start', nodes: 1 }], pictures: [] });
    await expect(late).rejects.toBeInstanceOf(LeaseLostError);
    const settled = settleRun(held.database, queue, ghost, { state: 'failed', events: [] });
    await expect(settled).rejects.toBeInstanceOf(LeaseLostError);
    expect(await runs.get(id)).toMatchObject({ state: 'running', attempt: 2 });
    await runs.stop(id);
    expect(typesOf(await eventsOf(id))).toBe('run-start node-start run-end');
  });
});

describe('the events of a run', () => {
  test('after any number are the tail of all events, live and later', async () => {
    const script: Script = async ({ emit, graph }) => {
      emit({ type: 'run-start', nodes: 3 });
      for (const node of Object.keys(graph.nodes)) {
        emit({ type: 'node-start', node });
        await wait(20);
        emit({ type: 'node-progress', node, fraction: 0.5 });
        await wait(20);
        emit({ type: 'node-end', node, outputs: {}, cached: false, ms: 40 });
      }
      return end(emit, 'done', 3);
    };
    const { id } = await runs.start({ graph: portrait() });
    const live = Promise.all([0, 2, 5, 11].map((after) => eventsOf(id, after)));
    await using _host = await hostFor(script);
    const all = await eventsOf(id);
    expect(all.length).toBe(11);
    expect(await live).toEqual([0, 2, 5, 11].map((after) => all.slice(after)));
    for (let after = 0; after <= all.length + 1; after++) expect(await eventsOf(id, after)).toEqual(all.slice(after));
  });

  test('are numbered from 1 without gaps, and a follower can leave at any time', async () => {
    const { id } = await runs.start({ graph: portrait() });
    await using _host = await hostFor(untilStopped);
    const leave = new AbortController();
    const numbers: number[] = [];
    for await (const { seq, event } of runs.follow(id, 0, leave.signal)) {
      numbers.push(seq);
      if (event.type === 'node-start') setTimeout(() => leave.abort(), 50);
    }
    expect(numbers).toEqual([1, 2]);
    expect(await runs.get(id)).toMatchObject({ state: 'running' });
    await runs.stop(id);
    await eventsOf(id);
  });

  test('keep few of many steps, the last one before each end, and never go backwards', async () => {
    const script: Script = async ({ emit }) => {
      emit({ type: 'run-start', nodes: 1 });
      emit({ type: 'node-start', node: 'paint' });
      for (let step = 1; step <= 400; step++) {
        emit({ type: 'node-progress', node: 'paint', fraction: step / 400, step, of: 400 });
        if (step % 10 === 0) await wait(1);
      }
      emit({ type: 'node-end', node: 'paint', outputs: {}, cached: false, ms: 1 });
      return end(emit, 'done', 1);
    };
    const { id } = await runs.start({ graph: portrait() });
    await using _host = await hostFor(script);
    const steps = (await eventsOf(id)).flatMap((event) => (event.type === 'node-progress' ? [event.fraction] : []));
    expect(steps.length).toBeLessThan(100);
    expect(steps.at(-1)).toBe(1);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  test('keep whole numbers that are too large for JSON as digits', async () => {
    const script: Script = async ({ emit }) => {
      emit({ type: 'run-start', nodes: 1 });
      emit({ type: 'node-end', node: 'words', outputs: { seed: 2n ** 60n }, cached: false, ms: 1 });
      return end(emit, 'done', 1);
    };
    const { id } = await runs.start({ graph: portrait() });
    await using _host = await hostFor(script);
    expect((await eventsOf(id))[1]).toMatchObject({ outputs: { seed: '1152921504606846976' } });
  });
});

describe('the pictures of a run', () => {
  const picture = (letter: string) => ({ digest: letter.repeat(64), width: 64, height: 96 });
  const saving: Script = async (run) => {
    run.emit({ type: 'run-start', nodes: 2 });
    run.emit({ type: 'node-end', node: 'paint', outputs: { images: [picture('a')] }, cached: false, ms: 1 });
    const outputs = { image: [picture('a'), picture('b')], file: ['2026/01/02/a.png', '2026/01/02/b.png'] };
    run.emit({ type: 'node-end', node: 'keep', outputs, cached: false, ms: 1 });
    if (run.visit === 1) throw new ExecutorCrashError({ code: 1, signal: null, lastWords: '' });
    return end(run.emit, 'done', 2);
  };

  test('are listed once, even when the run was taken up again', async () => {
    const { id } = await runs.start({ graph: portrait() });
    await using _host = await hostFor(saving);
    await eventsOf(id);
    const found = await listPictures(held.database, { limit: 10, runId: id });
    expect(found).toMatchObject([
      { file: '2026/01/02/b.png', digest: 'b'.repeat(64), width: 64, height: 96, node: 'keep', runId: id },
      { file: '2026/01/02/a.png', digest: 'a'.repeat(64) },
    ]);
    const [first] = found;
    expect(await listPictures(held.database, { limit: 10, before: first?.number ?? 0 })).toHaveLength(1);
  });
});
