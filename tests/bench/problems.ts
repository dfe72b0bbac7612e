import type { Graph } from '../../nodes/graph.ts';
import { problemsIn } from '../../nodes/problems.ts';
import { graphOf } from '../support/machine.ts';
import type { BenchOptions } from './main.ts';
import { createRows, timed } from './rows.ts';

const repeats = 9;

/**
 * Finding everything wrong with graphs of real nodes: `first` right after loading, `edited` after one parameter changed,
 * as while a person drags a slider. Times are medians of nine in a warm process.
 */
export async function benchProblems(options: BenchOptions): Promise<void> {
  const row = createRows(options);
  for (const shape of ['whole', 'broken'] as const) {
    for (const n of [10, 100, 1000]) {
      const first: Timing[] = [];
      const again: Timing[] = [];
      for (let repeat = 0; repeat < repeats; repeat++) {
        const graph = pipelines(n, shape);
        first.push(await timing(graph));
        again.push(await timing(edited(graph)));
      }
      row({ bench: 'problems', shape, n, case: 'first', ...median(first) });
      row({ bench: 'problems', shape, n, case: 'edited', ...median(again) });
    }
  }
}

interface Timing {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly problems: number;
}

async function timing(graph: Graph): Promise<Timing> {
  const { result, cpuMs, wallMs } = await timed(async () => problemsIn(graph));
  return { cpuMs, wallMs, problems: result.length };
}

const median = (timings: readonly Timing[]) => [...timings].sort((a, b) => a.cpuMs - b.cpuMs)[4];

/** Prompt → diffusion → upscale → face restore → save, as often as it fits; broken ones lack the first edge. */
function pipelines(n: number, shape: 'whole' | 'broken'): Graph {
  const nodes: Parameters<typeof graphOf>[0] = {};
  const edges: string[] = [];
  for (let k = 0; k < n / 5; k++) {
    nodes[`p${k}`] = ['prompt', { text: `a cat, number ${k}` }];
    nodes[`d${k}`] = ['diffusion', { seed: k }];
    nodes[`u${k}`] = ['upscale'];
    nodes[`f${k}`] = ['face-restore'];
    nodes[`s${k}`] = ['save', { name: `cat ${k}` }];
    if (shape === 'whole') edges.push(`p${k}.prompt > d${k}.prompt`);
    edges.push(`d${k}.images > u${k}.image`, `u${k}.image > f${k}.image`, `f${k}.image > s${k}.image`);
  }
  return graphOf(nodes, ...edges);
}

function edited(graph: Graph): Graph {
  const node = graph.nodes.d0;
  return node ? { ...graph, nodes: { ...graph.nodes, d0: { ...node, params: { ...node.params, steps: 21 } } } } : graph;
}
