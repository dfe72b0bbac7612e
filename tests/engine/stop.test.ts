import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

/** Waits as a network does: until its signal says stop. */
const untilStopped = (_label: string, signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await tick();
}

test('a run that is stopped before it starts executes nothing, and says nothing of what it knows', async () => {
  const { machine, behaviour } = fakeMachine();
  const graph = graphOf({ a: ['number'] });
  const stopped = await run(graph, machine, { signal: AbortSignal.abort() });
  expect(stopped).toMatchObject({ ran: [], cached: [], outcome: { outcome: 'stopped' } });
  expect(stopped.skipped).toEqual({ a: 'The run was stopped.' });
  expect(behaviour.executed).toEqual([]);
  await run(graph, machine);
  expect(await run(graph, machine, { signal: AbortSignal.abort() })).toMatchObject({ ran: [], cached: [] });
});

test('a stop is heard while thousands of nodes come from the cache', async () => {
  const { machine } = fakeMachine();
  const many = (n: number) =>
    graphOf(Object.fromEntries(Array.from({ length: n }, (_, id) => [`n${id}`, ['number'] as const])));
  await run(many(1), machine);
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  const { cached, outcome, events } = await run(many(3000), machine, { signal: stop.signal });
  await tick();
  await tick();
  expect(events.at(-1)?.type).toBe('run-end');
  expect(events).toHaveLength(3000 + 2);
  expect(outcome.outcome).toBe('stopped');
  expect(cached.length).toBeLessThan(1000);
});

test('nothing is said after the end, whenever the stop comes', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(Object.fromEntries(Array.from({ length: 200 }, (_, id) => [`n${id}`, ['number'] as const])));
  await run(graph, machine);
  for (const moment of [1, 63, 64, 65, 128, 199]) {
    const stop = new AbortController();
    let ended = 0;
    const hear = (event: { type: string }) => {
      if (event.type === 'node-end') ended += 1;
      if (ended === moment) stop.abort();
    };
    const { events } = await run(graph, machine, { signal: stop.signal, hear });
    await tick();
    expect(events, `stopped at ${moment}`).toHaveLength(200 + 2);
    expect(events.at(-1)?.type).toBe('run-end');
  }
});

test('a stop does not wait until weights have been read for their digest', async () => {
  const { machine } = fakeMachine();
  const stop = new AbortController();
  const digest = () => {
    stop.abort();
    return new Promise<string>(() => undefined);
  };
  const reading = { ...machine, models: { ...machine.models, digest } };
  const graph = graphOf({ a: ['painted'], b: ['brighten'] }, 'a.image > b.image');
  expect((await run(graph, reading, { signal: stop.signal })).outcome.outcome).toBe('stopped');
});

test('stopping ends the node that executes, starts no other and lets everything go', async () => {
  const { machine, behaviour, leases } = fakeMachine();
  behaviour.slow = untilStopped;
  const graph = graphOf({ a: ['number'], b: ['slow'], c: ['floor'] }, 'a.value > b.value', 'b.value > c.value');
  const stop = new AbortController();
  const running = run(graph, machine, { signal: stop.signal });
  await until(() => leases.open === 1);
  stop.abort();
  const { outcome, ran, skipped, failed } = await running;
  expect(outcome).toMatchObject({ outcome: 'stopped', ran: 1 });
  expect(ran).toEqual(['a']);
  expect(skipped).toEqual({ b: 'The run was stopped.', c: 'The run was stopped.' });
  expect(failed).toEqual({});
  expect(leases.open).toBe(0);
  expect(machine.lanes.busy('gpu')).toBe(0);
});

test('stopping while nodes wait for their lane leaves the lane to the others', async () => {
  const { machine, behaviour } = fakeMachine();
  behaviour.slow = untilStopped;
  const first = new AbortController();
  const second = new AbortController();
  const holding = run(graphOf({ a: ['slow', { label: 'first' }] }), machine, { signal: first.signal });
  await until(() => behaviour.executed.length === 1);
  const waiting = run(graphOf({ a: ['slow', { label: 'second' }] }), machine, { signal: second.signal });
  await tick();
  second.abort();
  expect((await waiting).outcome.outcome).toBe('stopped');
  expect(behaviour.executed).toEqual(['first']);
  first.abort();
  await holding;
  expect(machine.lanes.busy('gpu')).toBe(0);
});

test('a run takes over the work that another one was stopped at', async () => {
  const { machine, behaviour } = fakeMachine();
  let first = true;
  behaviour.slow = (label, signal) => {
    const wait = first ? untilStopped(label, signal) : tick();
    first = false;
    return wait.then(() => undefined);
  };
  const stop = new AbortController();
  const graph = graphOf({ a: ['slow'] });
  const stopped = run(graph, machine, { signal: stop.signal });
  await until(() => behaviour.executed.length === 1);
  const second = run(graph, machine);
  await tick();
  stop.abort();
  expect((await stopped).outcome.outcome).toBe('stopped');
  expect(await second).toMatchObject({ ran: ['a'], outcome: { outcome: 'done' } });
});

test('stopping a run that waits for the work of another does not disturb the other', async () => {
  const { machine, behaviour } = fakeMachine();
  let finish = () => {};
  behaviour.slow = () => new Promise((resolve) => (finish = resolve));
  const graph = graphOf({ a: ['slow'] });
  const working = run(graph, machine);
  await until(() => behaviour.executed.length === 1);
  const stop = new AbortController();
  const waiting = run(graph, machine, { signal: stop.signal });
  await tick();
  stop.abort();
  expect((await waiting).outcome.outcome).toBe('stopped');
  finish();
  expect((await working).ran).toEqual(['a']);
});

test('a node that never looks at its signal is ended at its next report of progress', async () => {
  const { machine, behaviour, leases } = fakeMachine();
  const stop = new AbortController();
  behaviour.slow = async () => stop.abort();
  const { outcome, skipped } = await run(graphOf({ a: ['slow'] }), machine, { signal: stop.signal });
  expect(outcome.outcome).toBe('stopped');
  expect(skipped).toEqual({ a: 'The run was stopped.' });
  expect(leases.open).toBe(0);
});

test('a stop that comes when everything has ended changes nothing', async () => {
  const { machine } = fakeMachine();
  const stop = new AbortController();
  const hear = (event: { type: string }) => event.type === 'node-end' && stop.abort();
  const { outcome } = await run(graphOf({ a: ['number'] }), machine, { signal: stop.signal, hear });
  expect(outcome.outcome).toBe('done');
});

test('what was finished before a stop is not computed again', async () => {
  const { machine, behaviour } = fakeMachine();
  behaviour.slow = untilStopped;
  const graph = graphOf({ a: ['number', { value: 3 }], b: ['slow'] }, 'a.value > b.value');
  const stop = new AbortController();
  const running = run(graph, machine, { signal: stop.signal });
  await until(() => behaviour.executed.includes('slow'));
  stop.abort();
  await running;
  behaviour.slow = () => Promise.resolve();
  expect(await run(graph, machine)).toMatchObject({ cached: ['a'], ran: ['b'] });
});
