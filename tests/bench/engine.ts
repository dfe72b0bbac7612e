import type { Graph } from '../../nodes/graph.ts';
import type { Machine } from '../../server/engine/machine.ts';
import { fakeMachine, graphOf, run } from '../support/machine.ts';
import type { BenchOptions } from './main.ts';
import { createRows, timed } from './rows.ts';

const sizes = [10, 100, 1000, 5000];
const shapes = { chain, wide };

const repeats = 5;

/**
 * What the engine itself costs: every node of a graph that computes nothing goes through problems, keys, lanes, cache
 * and events. `all` starts with an empty cache, `cached` runs again, `leaf` with one changed parameter at the end.
 * Times are medians of five runs in a warm process.
 */
export async function benchEngine(options: BenchOptions): Promise<void> {
  const row = createRows(options);
  for (const shape of ['chain', 'wide'] as const) await measure(shape, 1000, () => undefined); // warms up the compiler
  for (const shape of ['chain', 'wide'] as const) for (const n of sizes) await measure(shape, n, row);
}

type Report = (row: Readonly<Record<string, string | number>>) => void;
type Case = 'all' | 'cached' | 'leaf';

async function measure(shape: keyof typeof shapes, n: number, report: Report): Promise<void> {
  const cases: Case[] = ['all', 'cached', 'leaf'];
  const taken = new Map<Case, { cpuMs: number; wallMs: number; eventBytes: number }[]>(cases.map((name) => [name, []]));
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { machine } = fakeMachine();
    for (const name of cases)
      taken.get(name)?.push(await once(shapes[shape](n, name === 'leaf' ? n + 1 : n), machine, name));
  }
  for (const [name, runs] of taken) {
    const middle = (key: 'cpuMs' | 'wallMs' | 'eventBytes') =>
      runs.map((run) => run[key]).sort((a, b) => a - b)[2] ?? 0;
    const times = { cpuMs: middle('cpuMs'), wallMs: middle('wallMs'), eventBytes: middle('eventBytes') };
    report({ bench: 'engine', shape, n, case: name, ...times });
  }
}

async function once(graph: Graph, machine: Machine, name: Case) {
  const size = Object.keys(graph.nodes).length;
  const expected = { all: size, cached: 0, leaf: 1 }[name];
  const { result, cpuMs, wallMs } = await timed(() => run(graph, machine));
  const { ran, cached, events } = result;
  if (ran.length !== expected || cached.length !== size - expected) {
    throw new Error(
      `Expected ${expected} of ${size} nodes to run but received ${ran.length} and ${cached.length} cached.`,
    );
  }
  return { cpuMs, wallMs, eventBytes: events.reduce((sum, event) => sum + JSON.stringify(event).length, 0) };
}

/** One node after the other, ending in the leaf. */
function chain(n: number, leaf: number): Graph {
  const ids = Array.from({ length: n }, (_, index) => `n${index}`);
  const nodes = ids.map((id, index) => {
    const last = index === n - 1 ? leaf : 1;
    return index === 0 ? ([id, ['number', { value: last }]] as const) : ([id, ['add', { plus: last }]] as const);
  });
  const edges = ids.slice(1).map((id, index) => `n${index}.${index === 0 ? 'value' : 'sum'} > ${id}.a`);
  return graphOf(Object.fromEntries(nodes), ...edges);
}

/** One source and n - 1 readers of it, the last of which is the leaf. */
function wide(n: number, leaf: number): Graph {
  const ids = Array.from({ length: n - 1 }, (_, index) => `n${index}`);
  const readers = ids.map((id, index) => [id, ['add', { plus: index === n - 2 ? leaf + n : index }]] as const);
  const nodes = { source: ['number', { value: 1 }] as const, ...Object.fromEntries(readers) };
  return graphOf(nodes, ...ids.map((id) => `source.value > ${id}.a`));
}
