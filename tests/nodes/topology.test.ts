import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalog } from '../../nodes/catalog.ts';
import { neededFor, targetsOf, topologyOf } from '../../nodes/topology.ts';
import { graphOf } from '../support/machine.ts';

const edgesAmong = (count: number) => fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 40 });
const drawn = (count: number, pairs: readonly (readonly [number, number])[]) =>
  graphOf(
    Object.fromEntries(Array.from({ length: count }, (_, id) => [`n${id}`, ['prompt'] as const])),
    ...pairs.map(([from, to]) => `n${from}.prompt > n${to}.text`),
  );

test('an order keeps every edge pointing forward and every node once', () => {
  fc.assert(
    fc.property(edgesAmong(12), (pairs) => {
      const graph = drawn(
        12,
        pairs.filter(([from, to]) => from < to).map(([from, to]) => [(from * 5) % 12, (to * 5) % 12]),
      );
      const { order, cycles } = topologyOf(graph);
      expect(cycles).toEqual([]);
      expect([...order].sort()).toEqual(Object.keys(graph.nodes).sort());
      for (const { from, to } of graph.edges) expect(order.indexOf(from[0])).toBeLessThan(order.indexOf(to[0]));
    }),
  );
});

test('every circle that is named is a circle, and nothing in one is ordered', () => {
  fc.assert(
    fc.property(edgesAmong(8), (pairs) => {
      const graph = drawn(8, pairs);
      const { order, cycles } = topologyOf(graph);
      expect(cycles.length === 0).toBe(order.length === 8);
      for (const cycle of cycles) {
        cycle.forEach((id, index) => {
          const next = cycle[(index + 1) % cycle.length];
          expect(graph.edges.some(({ from, to }) => from[0] === id && to[0] === next)).toBe(true);
          expect(order).not.toContain(id);
        });
      }
    }),
  );
});

test('equals keep the order in which they were drawn', () => {
  expect(topologyOf(graphOf({ c: ['prompt'], a: ['prompt'], b: ['prompt'] })).order).toEqual(['c', 'a', 'b']);
});

test('two circles are both found, and a node that feeds itself is one', () => {
  const graph = drawn(5, [
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 3],
    [3, 2],
    [4, 4],
  ]);
  const { order, cycles } = topologyOf(graph);
  expect(order).toEqual([]);
  expect(cycles.map((cycle) => [...cycle].sort())).toEqual([['n0', 'n1'], ['n2', 'n3'], ['n4']]);
});

test('edges from and to nodes that are gone are passed over', () => {
  const graph = graphOf({ a: ['prompt'] }, 'gone.prompt > a.text', 'a.prompt > gone.text');
  expect(topologyOf(graph)).toEqual({ order: ['a'], cycles: [] });
});

test('a graph is run for its output nodes, or where there are none for its ends', () => {
  const ends = graphOf({ p: ['prompt'], d: ['diffusion'] }, 'p.prompt > d.prompt');
  expect(targetsOf(ends, catalog)).toEqual(['d']);
  const saved = graphOf({ p: ['prompt'], d: ['diffusion'], s: ['save'] }, 'p.prompt > d.prompt', 'd.images > s.image');
  expect(targetsOf(saved, catalog)).toEqual(['s']);
  const muted = graphOf({ s: ['save', {}, { muted: true }], v: ['preview'] });
  expect(targetsOf(muted, catalog)).toEqual(['v']);
});

test('what is needed is the targets and everything upstream', () => {
  const graph = drawn(4, [
    [0, 1],
    [1, 2],
    [3, 2],
  ]);
  expect([...neededFor(graph, ['n1'])].sort()).toEqual(['n0', 'n1']);
  expect([...neededFor(graph, ['gone'])]).toEqual([]);
});
