import { expect, test } from 'vitest';
import { plan } from '../../server/engine/plan.ts';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

const graph = (value: number, plus: number) =>
  graphOf({ a: ['number', { value }], b: ['add', { plus }], c: ['floor'] }, 'a.value > b.a', 'b.sum > c.value');

test('a plan says what is cached, what will run and what cannot be told yet, and executes nothing', async () => {
  const { machine, behaviour } = fakeMachine();
  const expectations = async (...values: [number, number]) =>
    (await plan({ graph: graph(...values), machine })).map(({ node, expectation }) => [node, expectation]);
  expect(await expectations(1, 1)).toEqual([
    ['a', 'run'],
    ['b', 'unknown'],
    ['c', 'unknown'],
  ]);
  await run(graph(1, 1), machine);
  behaviour.executed.length = 0;
  expect(await expectations(1, 1)).toEqual([
    ['a', 'cached'],
    ['b', 'cached'],
    ['c', 'cached'],
  ]);
  expect(await expectations(1, 2)).toEqual([
    ['a', 'cached'],
    ['b', 'run'],
    ['c', 'unknown'],
  ]);
  expect(behaviour.executed).toEqual([]);
});

test('a plan says how long each node took last time', async () => {
  const { machine } = fakeMachine();
  let now = 0;
  const timed = { ...machine, now: () => (now += 50) };
  expect((await plan({ graph: graph(1, 1), machine }))[0]).not.toHaveProperty('ms');
  await run(graph(1, 1), timed);
  expect(await plan({ graph: graph(1, 2), machine })).toMatchObject([
    { node: 'a', ms: expect.any(Number) },
    { node: 'b', ms: expect.any(Number) },
    { node: 'c', ms: expect.any(Number) },
  ]);
});

test('an effect will run, whatever is known of its inputs', async () => {
  const { machine } = fakeMachine();
  const saving = graphOf({ a: ['painted'], b: ['keep'] }, 'a.image > b.image');
  expect(await plan({ graph: saving, machine })).toMatchObject([{ expectation: 'run' }, { expectation: 'run' }]);
  await run(saving, machine);
  expect(await plan({ graph: saving, machine })).toMatchObject([{ expectation: 'cached' }, { expectation: 'run' }]);
});

test('a mapped node is cached when all its items are', async () => {
  const { machine } = fakeMachine();
  const mapped = (...values: number[]) => graphOf({ l: ['list', { values }], a: ['add'] }, 'l.values > a.a');
  await run(mapped(1, 2), machine);
  await run(mapped(1, 3), machine);
  await run(graphOf({ l: ['list', { values: [2, 3] }] }), machine);
  await run(graphOf({ l: ['list', { values: [2, 4] }] }), machine);
  expect(await plan({ graph: mapped(2, 3), machine })).toMatchObject([
    { expectation: 'cached' },
    { expectation: 'cached' },
  ]);
  expect(await plan({ graph: mapped(2, 4), machine })).toMatchObject([
    { expectation: 'cached' },
    { expectation: 'run' },
  ]);
});

test('nodes that will be skipped are in no plan, and graphs with errors have none', async () => {
  const { machine } = fakeMachine();
  const muted = graphOf({ a: ['number'], b: ['floor', {}, { muted: true }] }, 'a.value > b.value');
  expect(await plan({ graph: muted, targets: ['a', 'b'], machine })).toMatchObject([{ node: 'a' }]);
  await expect(plan({ graph: graphOf({ a: ['floor'] }), machine })).rejects.toThrow('needs something connected');
});
