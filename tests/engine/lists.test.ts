import { expect, test } from 'vitest';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

const list = (...values: number[]) => ['list', { values }] as const;

test('a list at a single port maps the node over it in order', async () => {
  const { machine } = fakeMachine();
  const { outputs } = await run(graphOf({ l: list(3, 1, 2), a: ['add', { plus: 10 }] }, 'l.values > a.a'), machine);
  expect(outputs.a).toEqual({ sum: [13, 11, 12] });
});

test('what a mapped node gives is a list again', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ l: list(1, 2), a: ['add'], t: ['total'] }, 'l.values > a.a', 'a.sum > t.values');
  expect((await run(graph, machine)).outputs.t).toEqual({ sum: 3 });
});

test('each item has its own place in the cache', async () => {
  const { machine, behaviour } = fakeMachine();
  await run(graphOf({ l: list(1, 2, 3), a: ['add'] }, 'l.values > a.a'), machine);
  behaviour.executed.length = 0;
  const { ran } = await run(graphOf({ l: list(2, 5, 1), a: ['add'] }, 'l.values > a.a'), machine);
  expect(behaviour.executed).toEqual(['add']);
  expect(ran).toEqual(['l', 'a']);
  // One item alone is the same work as that item of a list.
  const single = graphOf({ n: ['number', { value: 5 }], a: ['add'] }, 'n.value > a.a');
  expect((await run(single, machine)).cached).toEqual(['a']);
});

test('several lists go in step, and single values go with each item', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    { l: list(1, 2), r: list(10, 20), n: ['number', { value: 100 }], a: ['add'] },
    'l.values > a.a',
    'r.values > a.b',
    'n.value > a.plus',
  );
  expect((await run(graph, machine)).outputs.a).toEqual({ sum: [111, 122] });
});

test('lists of unequal length fail the node with both lengths', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ l: list(1, 2), r: list(1, 2, 3), a: ['add'] }, 'l.values > a.a', 'r.values > a.b');
  expect((await run(graph, machine)).failed).toEqual({
    a: 'Add failed: Expected lists of equal length but "A" has 2 and "B" has 3; make them equally long.',
  });
});

test('an empty list maps to empty lists and executes nothing', async () => {
  const { machine, behaviour } = fakeMachine();
  const { outputs, cached } = await run(graphOf({ l: list(), a: ['add'] }, 'l.values > a.a'), machine);
  expect(outputs.a).toEqual({ sum: [] });
  expect(cached).toEqual(['a']);
  expect(behaviour.executed).toEqual([]);
});

test('lists that a mapped node gives follow one another', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ l: list(1, 2), r: ['repeat'] }, 'l.values > r.value');
  expect((await run(graph, machine)).outputs.r).toEqual({ values: [1, 1, 2, 2] });
});

test('a single value at a list port is a list of one', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ n: ['number', { value: 4 }], t: ['total'] }, 'n.value > t.values');
  expect((await run(graph, machine)).outputs.t).toEqual({ sum: 4 });
});

test('a batch of pictures goes through picture nodes one by one, effects too', async () => {
  const { machine, kept } = fakeMachine();
  const graph = graphOf(
    { b: ['batch', { count: 3 }], g: ['brighten'], k: ['keep'] },
    'b.images > g.image',
    'g.image > k.image',
  );
  const { outputs } = await run(graph, machine);
  expect(kept).toHaveLength(3);
  expect(outputs.k).toEqual({ file: ['kept.png', 'kept.png', 'kept.png'] });
  expect(await run(graph, machine)).toMatchObject({ ran: [], cached: ['b', 'g', 'k'] });
});
