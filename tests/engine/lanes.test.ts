import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createClaims } from '../../server/engine/claims.ts';
import { createLanes } from '../../server/engine/lanes.ts';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

const never = new AbortController().signal;
const widths = { gpu: 1, cpu: 2, io: 4 };

test('a lane lets in as many as it is wide, and the others in their order', async () => {
  const lanes = createLanes(widths);
  const entered: number[] = [];
  const enter = async (id: number) => {
    const place = await lanes.enter('cpu', never);
    entered.push(id);
    return place;
  };
  const places = [enter(1), enter(2), enter(3), enter(4)];
  await tick();
  expect(entered).toEqual([1, 2]);
  (await places[0])?.[Symbol.dispose]();
  await tick();
  expect(entered).toEqual([1, 2, 3]);
  expect(lanes.busy('cpu')).toBe(2);
});

test('giving a place back twice frees it once', async () => {
  const lanes = createLanes(widths);
  const first = await lanes.enter('gpu', never);
  first[Symbol.dispose]();
  const second = await lanes.enter('gpu', never);
  first[Symbol.dispose]();
  expect(lanes.busy('gpu')).toBe(1);
  second[Symbol.dispose]();
  expect(lanes.busy('gpu')).toBe(0);
});

test('a waiter that gives up is forgotten', async () => {
  const lanes = createLanes(widths);
  const first = await lanes.enter('gpu', never);
  const impatient = new AbortController();
  const second = lanes.enter('gpu', impatient.signal);
  const third = lanes.enter('gpu', never);
  impatient.abort(new Error('gave up'));
  await expect(second).rejects.toThrow('gave up');
  first[Symbol.dispose]();
  await expect(third).resolves.toBeDefined();
  await expect(lanes.enter('gpu', impatient.signal)).rejects.toThrow('gave up');
});

test('among those who wait, the one whose model is loaded goes first', async () => {
  const lanes = createLanes(widths);
  const first = await lanes.enter('gpu', never);
  const entered: string[] = [];
  void lanes.enter('gpu', never, () => false).then(() => entered.push('cold'));
  void lanes.enter('gpu', never, () => true).then(() => entered.push('warm'));
  first[Symbol.dispose]();
  await tick();
  expect(entered).toEqual(['warm']);
});

test('thousands may wait with one signal, and leave together', async () => {
  const lanes = createLanes(widths);
  await lanes.enter('gpu', never);
  const stop = new AbortController();
  const waiting = Array.from({ length: 5000 }, () => lanes.enter('gpu', stop.signal));
  stop.abort(new Error('stopped'));
  const ends = await Promise.allSettled(waiting);
  expect(ends.every((end) => end.status === 'rejected')).toBe(true);
});

test('work on different lanes goes on at the same time', async () => {
  const { machine, behaviour } = fakeMachine();
  let finish = () => {};
  behaviour.slow = () => new Promise((resolve) => (finish = resolve));
  const graph = graphOf({ g: ['slow'], n: ['number'], f: ['floor'] }, 'n.value > f.value');
  const ended: string[] = [];
  const running = run(graph, machine, { hear: (event) => event.type === 'node-end' && ended.push(event.node) });
  while (ended.length < 2) await tick();
  expect(ended).toEqual(['n', 'f']);
  finish();
  expect((await running).ran).toEqual(['n', 'f', 'g']);
});

test('among ready nodes the one whose model is loaded goes first', async () => {
  const { machine, behaviour } = fakeMachine();
  let finish = () => {};
  behaviour.slow = () => new Promise((resolve) => (finish = resolve));
  const graph = graphOf(
    { s: ['slow'], p: ['painted'], a: ['brighten', { model: 'fake/x4' }], b: ['brighten', { model: 'fake/x2' }] },
    'p.image > a.image',
    'p.image > b.image',
  );
  const warm = { ...machine, resident: (id: string) => id === 'fake/x2' };
  const running = run(graph, warm, { hear: (event) => event.type === 'node-end' && event.node === 'p' && later() });
  const later = () => setTimeout(() => finish(), 100);
  expect((await running).ran).toEqual(['p', 's', 'b', 'a']);
});

test('a claim passes from hand to hand, and leaves nothing behind', async () => {
  const claims = createClaims();
  const order: number[] = [];
  const work = async (id: number) => {
    using _claim = await claims.claim('key', never);
    order.push(id);
    await tick();
    order.push(id);
  };
  await Promise.all([work(1), work(2), work(3)]);
  expect(order).toEqual([1, 1, 2, 2, 3, 3]);
  await work(4);
});
