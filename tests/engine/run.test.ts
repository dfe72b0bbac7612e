import { expect, test } from 'vitest';
import { InvalidGraphError } from '../../server/engine/errors.ts';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

const chain = (value = 1, plus = 1) =>
  graphOf({ c: ['floor'], b: ['add', { plus }], a: ['number', { value }] }, 'a.value > b.a', 'b.sum > c.value');

test('runs every node after the nodes it reads from', async () => {
  const { machine } = fakeMachine();
  const { ran, outputs, outcome } = await run(chain(1.5), machine);
  expect(ran).toEqual(['a', 'b', 'c']);
  expect(outputs.c).toEqual({ value: 2 });
  expect(outcome).toMatchObject({ outcome: 'done', ran: 3, cached: 0 });
});

test('a run says its start, each node and its end, in this order', async () => {
  const { machine } = fakeMachine();
  const { events } = await run(graphOf({ a: ['number'] }), machine);
  expect(events).toEqual([
    { type: 'run-start', nodes: 1 },
    { type: 'node-start', node: 'a' },
    { type: 'node-end', node: 'a', outputs: { value: 0 }, cached: false, ms: expect.any(Number) },
    { type: 'run-end', outcome: 'done', ms: expect.any(Number), ran: 1, cached: 0 },
  ]);
});

test('a second run executes nothing', async () => {
  const { machine, behaviour } = fakeMachine();
  await run(chain(), machine);
  const again = await run(chain(), machine);
  expect(again).toMatchObject({ ran: [], cached: ['a', 'b', 'c'] });
  expect(again.events.filter((event) => event.type === 'node-start')).toEqual([]);
  expect(behaviour.executed).toEqual(['number', 'add', 'floor']);
});

test('a restart remembers everything', async () => {
  const { machine, folder } = fakeMachine();
  const before = await run(chain(), machine);
  const after = await run(chain(), fakeMachine({ folder }).machine);
  expect(after).toMatchObject({ ran: [], cached: ['a', 'b', 'c'], outputs: before.outputs });
});

test('changing one parameter recomputes that node and what follows it', async () => {
  const { machine } = fakeMachine();
  await run(chain(1, 1), machine);
  expect(await run(chain(1, 2), machine)).toMatchObject({ cached: ['a'], ran: ['b', 'c'] });
});

test('a change that yields the same output stops there', async () => {
  const { machine } = fakeMachine();
  const graph = (value: number) =>
    graphOf({ a: ['number', { value }], b: ['floor'], c: ['add', { plus: 1 }] }, 'a.value > b.value', 'b.value > c.a');
  await run(graph(1.25), machine);
  expect(await run(graph(1.5), machine)).toMatchObject({ ran: ['a', 'b'], cached: ['c'] });
});

test('titles, positions and the names of nodes do not matter', async () => {
  const { machine } = fakeMachine();
  await run(graphOf({ a: ['number', { value: 3 }] }), machine);
  const moved = graphOf({ other: ['number', { value: 3 }, { title: 'Three', layout: { x: 9, y: 9 } }] });
  expect(await run(moved, machine)).toMatchObject({ cached: ['other'] });
});

test('a default that is typed is the default that is not', async () => {
  const { machine } = fakeMachine();
  await run(graphOf({ a: ['number', {}] }), machine);
  expect(await run(graphOf({ a: ['number', { value: 0 }] }), machine)).toMatchObject({ cached: ['a'] });
  expect(await run(graphOf({ a: ['number', { value: -0 }] }), machine)).toMatchObject({ cached: ['a'] });
});

test('other weights under the same name are another model', async () => {
  const { machine, weights } = fakeMachine();
  const graph = graphOf({ a: ['painted'], b: ['brighten'] }, 'a.image > b.image');
  await run(graph, machine);
  weights['fake/x2'] = 'newer weights';
  expect(await run(graph, machine)).toMatchObject({ cached: ['a'], ran: ['b'] });
});

test('a new version of a node does not find the results of the old one', async () => {
  const { machine } = fakeMachine();
  await run(chain(), machine);
  const { floor } = machine.catalog;
  if (!floor) throw new Error('Expected the fake catalog to have a floor.');
  const updated = { ...machine, catalog: { ...machine.catalog, floor: { ...floor, version: 2 } } };
  expect(await run(chain(), updated)).toMatchObject({ cached: ['a', 'b'], ran: ['c'] });
});

test('a full disk fails the node in one sentence', async () => {
  const { machine } = fakeMachine();
  const write = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left, write'), { code: 'ENOSPC' }));
  const full = { ...machine, images: { ...machine.images, write } };
  const { failed, outcome } = await run(graphOf({ a: ['painted'] }), full);
  expect(failed.a).toMatch(/^Expected room for .* but the disk is full; free some space and run again\.$/);
  expect(outcome.outcome).toBe('failed');
});

test('two nodes with the same recipe compute once', async () => {
  const { machine, behaviour } = fakeMachine();
  const graph = graphOf({ a: ['slow', { label: 'x' }], b: ['slow', { label: 'x' }] });
  const { ran, cached } = await run(graph, machine);
  expect(behaviour.executed).toEqual(['x']);
  expect([...ran, ...cached].sort()).toEqual(['a', 'b']);
  expect(cached).toHaveLength(1);
});

test('two runs that need the same result compute it once', async () => {
  const { machine, behaviour } = fakeMachine();
  const graph = graphOf({ a: ['slow', { label: 'x' }] });
  const both = await Promise.all([run(graph, machine), run(graph, machine)]);
  expect(behaviour.executed).toEqual(['x']);
  expect(both.map(({ ran }) => ran.length).sort()).toEqual([0, 1]);
});

test('an effect is done again, never looked up, and says when its work was done before', async () => {
  const { machine, kept } = fakeMachine();
  const graph = (name: string) => graphOf({ a: ['painted'], b: ['keep', { name }] }, 'a.image > b.image');
  expect(await run(graph('one'), machine)).toMatchObject({ ran: ['a', 'b'] });
  expect(await run(graph('one'), machine)).toMatchObject({ cached: ['a', 'b'], ran: [] });
  kept.length = 0;
  expect(await run(graph('one'), machine)).toMatchObject({ cached: ['a'], ran: ['b'] });
});

test('only what the targets need is run', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ a: ['number'], b: ['floor'], c: ['add'], d: ['text'] }, 'a.value > b.value', 'b.value > c.a');
  expect((await run(graph, machine, { targets: ['b'] })).ran).toEqual(['a', 'b']);
});

test('a graph with output nodes is run for them alone', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ a: ['painted'], b: ['keep'], c: ['number'] }, 'a.image > b.image');
  expect((await run(graph, machine)).ran).toEqual(['a', 'b']);
});

test('an edge into a parameter wins over the typed value', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    { one: ['number', { value: 1 }], ten: ['number', { value: 10 }], sum: ['add', { plus: 500 }] },
    'one.value > sum.a',
    'ten.value > sum.plus',
  );
  expect((await run(graph, machine)).outputs.sum).toEqual({ sum: 11 });
  // The value counts, however it came.
  const typed = graphOf({ one: ['number', { value: 1 }], sum: ['add', { plus: 10 }] }, 'one.value > sum.a');
  expect((await run(typed, machine)).cached).toContain('sum');
});

test('a value that does not fit its parameter fails at that node', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ big: ['number', { value: 999 }], shade: ['painted'] });
  graph.edges.push({ from: ['big', 'value'], to: ['shade', 'shade'] });
  await expect(run(graph, machine)).rejects.toThrow(InvalidGraphError);
});

test('seeds of 64 bits arrive exactly, however they are written', async () => {
  const { machine } = fakeMachine();
  const largest = '18446744073709551615';
  const graph = graphOf({ a: ['seeded', { seed: largest }], b: ['seeded', { seed: 7 }] });
  expect((await run(graph, machine)).outputs).toEqual({ a: { text: largest }, b: { text: '7' } });
  const asText = graphOf({ b: ['seeded', { seed: '7' }], c: ['seeded', { seed: 7n }] });
  expect((await run(asText, machine)).cached).toEqual(['b', 'c']);
});

test('a graph with errors is refused with all its problems before anything is said', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ a: ['add', { plus: 'much' }], b: ['nonsense'] });
  const events: unknown[] = [];
  const refused = run(graph, machine, { hear: (event) => events.push(event) });
  await expect(refused).rejects.toMatchObject({
    name: 'InvalidGraphError',
    problems: [{ code: 'bad-param' }, { code: 'missing-input' }, { code: 'unknown-node' }],
  });
  expect(events).toEqual([]);
});

test('what a node warned about is said again when its result comes from the cache', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ a: ['slow', { label: 'warns' }] });
  const warned = { type: 'node-end', node: 'a', warnings: ['It was slow.'] };
  expect((await run(graph, machine)).events).toContainEqual(expect.objectContaining({ ...warned, cached: false }));
  expect((await run(graph, machine)).events).toContainEqual(expect.objectContaining({ ...warned, cached: true }));
});

test('a chain of 5,000 nodes runs to its end', async () => {
  const { machine } = fakeMachine();
  const ids = Array.from({ length: 5000 }, (_, index) => `n${index}`);
  const nodes = Object.fromEntries(
    ids.map((id, index) => [id, index === 0 ? (['number'] as const) : (['add', { plus: 1 }] as const)]),
  );
  const edges = ids.slice(1).map((id, index) => `n${index}.${index === 0 ? 'value' : 'sum'} > ${id}.a`);
  const { outputs, outcome } = await run(graphOf(nodes, ...edges), machine);
  expect(outcome).toMatchObject({ outcome: 'done', ran: 5000 });
  expect(outputs.n4999).toEqual({ sum: 4999 });
});
