import { ClassicPreset, type GetSchemes, NodeEditor } from 'rete';
import { DataflowEngine } from 'rete-engine';
import { fakeMachine, graphOf, run } from '../support/machine.ts';
import type { BenchOptions } from './main.ts';
import { createRows, timed } from './rows.ts';

const sizes = [10, 100, 1000];
const repeats = 5;

/**
 * A chain of additions in Aria and in rete-engine, the dataflow engine of Rete.js, one after the other in one process.
 * The two do not promise the same: rete-engine remembers values in memory by node, Aria keeps them on the disk by content,
 * checks the graph, tells every step and can stop. Medians of five runs, in milliseconds of processor time.
 */
export async function benchPeers(options: BenchOptions): Promise<void> {
  const row = createRows(options);
  for (const n of sizes) {
    const taken = {
      ariaAll: [] as number[],
      ariaCached: [] as number[],
      reteAll: [] as number[],
      reteCached: [] as number[],
    };
    for (let repeat = 0; repeat < repeats; repeat++) {
      const aria = fakeMachine();
      const graph = additions(n);
      taken.ariaAll.push((await timed(() => run(graph, aria.machine))).cpuMs);
      taken.ariaCached.push((await timed(() => run(graph, aria.machine))).cpuMs);
      const { engine, last } = await reteChain(n);
      taken.reteAll.push((await timed(() => engine.fetch(last))).cpuMs);
      taken.reteCached.push((await timed(() => engine.fetch(last))).cpuMs);
    }
    const medians = Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)]));
    row({ bench: 'peers', n, ...medians });
  }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

function additions(n: number) {
  const nodes: Record<string, readonly [type: string, params: Record<string, unknown>]> = {};
  for (let k = 0; k < n; k++) nodes[`n${k}`] = k === 0 ? ['number', { value: 1 }] : ['add', { plus: 1 }];
  const edges = Array.from({ length: n - 1 }, (_, k) => `n${k}.${k === 0 ? 'value' : 'sum'} > n${k + 1}.a`);
  return graphOf(nodes, ...edges);
}

const socket = new ClassicPreset.Socket('number');

class Addition extends ClassicPreset.Node {
  constructor() {
    super('add');
    this.addInput('a', new ClassicPreset.Input(socket));
    this.addOutput('sum', new ClassicPreset.Output(socket));
  }
  data({ a }: { a?: number[] }) {
    return { sum: (a?.[0] ?? 0) + 1 };
  }
}
type Schemes = GetSchemes<Addition, ClassicPreset.Connection<ClassicPreset.Node, ClassicPreset.Node>>;

const wire = (from: ClassicPreset.Node, to: ClassicPreset.Node) =>
  new ClassicPreset.Connection<ClassicPreset.Node, ClassicPreset.Node>(from, 'sum', to, 'a');

async function reteChain(n: number) {
  const editor = new NodeEditor<Schemes>();
  const engine = new DataflowEngine<Schemes>();
  editor.use(engine);
  let before: Addition | undefined;
  for (let k = 0; k < n; k++) {
    const node = new Addition();
    await editor.addNode(node);
    if (before) await editor.addConnection(wire(before, node));
    before = node;
  }
  return { engine, last: before?.id ?? '' };
}
