import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Graph } from '../../nodes/graph.ts';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

type Kind = 'number' | 'add' | 'floor' | 'fails' | 'slow';
interface Drawn {
  readonly kind: Kind;
  readonly sources: readonly number[];
  readonly state: 'live' | 'muted' | 'bypassed';
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom<Kind>('number', 'add', 'floor', 'slow', 'add', 'fails'),
  sources: fc.array(fc.nat(), { minLength: 2, maxLength: 2 }),
  state: fc.constantFrom('live', 'live', 'live', 'live', 'muted', 'bypassed'),
});

const output = { number: 'value', add: 'sum', floor: 'value', fails: 'value', slow: 'value' } as const;
const inputs = { number: [], add: ['a', 'b'], floor: ['value'], fails: [], slow: ['value'] } as const;

/** Every node reads from earlier ones only; the first is a number, so that there is one. */
function graphFrom(list: readonly Drawn[]): Graph {
  const all = [{ kind: 'number', sources: [], state: 'live' } as const, ...list];
  const nodes = all.map(({ kind, state }, index) => {
    const params = kind === 'number' ? { value: index } : kind === 'slow' ? { label: `s${index}` } : {};
    return [
      `n${index}`,
      [kind, params, { muted: state === 'muted', bypassed: state === 'bypassed' }] as const,
    ] as const;
  });
  const edges = all.flatMap(({ kind, sources }, index) =>
    inputs[kind].map((port, which) => {
      const source = (sources[which] ?? 0) % Math.max(1, index);
      return `n${source}.${output[all[source]?.kind ?? 'number']} > n${index}.${port}`;
    }),
  );
  return graphOf(Object.fromEntries(nodes), ...edges);
}

const graphs = fc.array(drawn, { maxLength: 14 }).map(graphFrom);

test('every node ends exactly once: done, failed or skipped', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const { machine, leases } = fakeMachine();
      const { events, outcome } = await run(graph, machine, { targets: Object.keys(graph.nodes) });
      const ended = events.flatMap((event) =>
        event.type === 'node-end' || event.type === 'node-fail' || event.type === 'node-skip' ? [event.node] : [],
      );
      expect([...ended].sort()).toEqual(Object.keys(graph.nodes).sort());
      const failed = events.some((event) => event.type === 'node-fail');
      expect(outcome.outcome).toBe(failed ? 'failed' : 'done');
      expect(leases.open).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('no node starts before the nodes it reads from have ended', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const { events } = await run(graph, fakeMachine().machine, { targets: Object.keys(graph.nodes) });
      const place = (type: string, node: string) =>
        events.findIndex((event) => event.type === type && 'node' in event && event.node === node);
      for (const { from, to } of graph.edges) {
        const start = place('node-start', to[0]);
        if (start >= 0 && !graph.nodes[from[0]]?.bypassed) expect(place('node-end', from[0])).toBeLessThan(start);
      }
    }),
    { numRuns: 40 },
  );
});

test('a second run executes nothing but what failed, and says the same', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const { machine, behaviour } = fakeMachine();
      const targets = Object.keys(graph.nodes);
      const first = await run(graph, machine, { targets });
      behaviour.executed.length = 0;
      const second = await run(graph, machine, { targets });
      expect(second.ran).toEqual([]);
      expect(behaviour.executed.filter((name) => name !== 'fails')).toEqual([]);
      expect(second.outputs).toEqual(first.outputs);
      expect(second.skipped).toEqual(first.skipped);
    }),
    { numRuns: 40 },
  );
});

test('a stop at any moment leaves nothing held, and a second run finishes the work', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.nat(20), async (graph, moment) => {
      const { machine, leases } = fakeMachine();
      const targets = Object.keys(graph.nodes);
      const stop = new AbortController();
      let heard = 0;
      const hear = () => void (heard++ === moment && stop.abort());
      const first = await run(graph, machine, { targets, signal: stop.signal, hear });
      expect(leases.open).toBe(0);
      for (const lane of ['gpu', 'cpu', 'io'] as const) expect(machine.lanes.busy(lane)).toBe(0);
      const second = await run(graph, machine, { targets });
      for (const node of first.ran) expect(second.ran).not.toContain(node);
      expect(second.outcome.outcome).not.toBe('stopped');
    }),
    { numRuns: 60 },
  );
});

test('events grow with the nodes, not with their square', async () => {
  const bytes = async (count: number) => {
    const ids = Array.from({ length: count }, (_, index) => `n${String(index).padStart(5, '0')}`);
    const nodes = Object.fromEntries(ids.map((id) => [id, ['number', { value: 1 }] as const]));
    const { events } = await run(graphOf(nodes), fakeMachine().machine);
    return JSON.stringify(events.map((event) => ('ms' in event ? { ...event, ms: 0 } : event))).length;
  };
  const [small, large] = [await bytes(50), await bytes(500)];
  expect(large / small).toBeLessThan(10.1);
});
