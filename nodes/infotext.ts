import type { SamplerName, ScheduleName } from '../models/contracts.ts';
import { diffusion } from './diffusion.ts';
import { edgesInto, type Graph } from './graph.ts';
import { prompt } from './prompt.ts';

// The names that Stable Diffusion web UI (A1111) and Forge show for what we name as ComfyUI does.
const samplerLabels: Readonly<Record<SamplerName, string>> = {
  euler: 'Euler',
  euler_ancestral: 'Euler a',
  heun: 'Heun',
  heunpp2: 'HeunPP2',
  dpm_2: 'DPM2',
  dpm_2_ancestral: 'DPM2 a',
  lms: 'LMS',
  dpmpp_2s_ancestral: 'DPM++ 2S a',
  dpmpp_sde: 'DPM++ SDE',
  dpmpp_2m: 'DPM++ 2M',
  dpmpp_2m_sde: 'DPM++ 2M SDE',
  dpmpp_2m_sde_heun: 'DPM++ 2M SDE Heun',
  dpmpp_3m_sde: 'DPM++ 3M SDE',
  ddpm: 'DDPM',
  lcm: 'LCM',
  ddim: 'DDIM',
  uni_pc: 'UniPC',
  uni_pc_bh2: 'UniPC BH2',
  deis: 'DEIS',
  ipndm: 'IPNDM',
  ipndm_v: 'IPNDM_V',
  res_multistep: 'Res Multistep',
};
const scheduleLabels: Readonly<Record<ScheduleName, string>> = {
  normal: 'Normal',
  karras: 'Karras',
  exponential: 'Exponential',
  sgm_uniform: 'SGM Uniform',
  simple: 'Simple',
  ddim_uniform: 'DDIM',
  beta: 'Beta',
  linear_quadratic: 'Linear Quadratic',
  kl_optimal: 'KL Optimal',
  align_your_steps: 'Align Your Steps',
};

export interface InfotextFacts {
  /** SHA-256 of the model's weights, in hexadecimal, where it is known. */
  readonly digestOf: (model: string) => string | undefined;
  /** Which picture of the batch, from 0; its seed is the node's seed plus this. */
  readonly item?: number;
}

/** Where a picture comes from. What an edge decides at run time is undefined. */
export interface PictureSource {
  readonly node: string;
  readonly seed: bigint | undefined;
  readonly model: string | undefined;
}

/** The nearest diffusion node upstream of a node. Undefined where there is none. O(N + E). */
export function sourceOf(graph: Graph, node: string): PictureSource | undefined {
  const id = nearest(graph, node, diffusion.type);
  if (id === undefined) return undefined;
  const settings = diffusion.params.safeParse(graph.nodes[id]?.params).data;
  const wired = wiredPorts(graph, id);
  return {
    node: id,
    seed: wired.has('seed') ? undefined : settings?.seed,
    model: wired.has('model') ? undefined : settings?.model,
  };
}

/** The seed of picture `item` of a batch that starts at `seed`. 64 bits, as the diffusion node counts. */
export const seedOfItem = (seed: bigint, item = 0): bigint => BigInt.asUintN(64, seed + BigInt(item));

/**
 * How a picture was made, in the text that A1111 writes into its files under "parameters" and that other programs read.
 * Undefined where no diffusion node feeds `node`. What an edge decides at run time is left out rather than guessed.
 */
export function infotextOf(graph: Graph, node: string, { digestOf, item = 0 }: InfotextFacts): string | undefined {
  const source = sourceOf(graph, node);
  const settings = source && diffusion.params.safeParse(graph.nodes[source.node]?.params);
  if (!source || !settings?.success) return undefined;
  const values = settings.data;
  const wired = wiredPorts(graph, source.node);
  const unless = <Value>(param: string, value: Value) => (wired.has(param) ? undefined : value);

  const sized = !wired.has('width') && !wired.has('height');
  const fields: Record<string, string | number | bigint | undefined> = {
    Steps: unless('steps', values.steps),
    Sampler: unless('sampler', samplerLabels[values.sampler]),
    'Schedule type': unless('schedule', scheduleLabels[values.schedule]),
    'CFG scale': unless('guidance', values.guidance),
    Seed: source.seed === undefined ? undefined : seedOfItem(source.seed, item),
    Size: sized ? `${values.width}x${values.height}` : undefined,
    'Model hash': unless('model', digestOf(values.model)?.slice(0, 10)),
    Model: unless('model', nameOf(values.model)),
    'Denoising strength': wired.has('image') ? unless('denoise', values.denoise) : undefined,
    'Clip skip': values.clipSkip > 1 ? unless('clipSkip', values.clipSkip) : undefined,
    // A1111 draws its noise on the GPU unless this says otherwise.
    RNG: 'CPU',
  };
  const { text, negative } = wordsOf(graph, source.node);
  return [text, ...(negative ? [`Negative prompt: ${negative}`] : []), lineOf(fields)].join('\n');
}

const lineOf = (fields: Readonly<Record<string, string | number | bigint | undefined>>) =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${quoted(String(value))}`)
    .join(', ');

const quoted = (value: string) => (/[,\n:]/.test(value) ? JSON.stringify(value) : value);

/** The file or folder name that a person knows, without its ending. */
const nameOf = (model: string) => model.slice(model.lastIndexOf('/') + 1).replace(/\.(safetensors|onnx)$/, '');

function wordsOf(graph: Graph, node: string): { text: string; negative: string } {
  const edge = graph.edges.find(({ to }) => to[0] === node && to[1] === 'prompt');
  const id = edge && nearest(graph, edge.from[0], prompt.type);
  const words = id === undefined ? undefined : prompt.params.safeParse(graph.nodes[id]?.params);
  if (!words?.success) return { text: '', negative: '' };
  const wired = wiredPorts(graph, id ?? '');
  return { text: wired.has('text') ? '' : words.data.text, negative: wired.has('negative') ? '' : words.data.negative };
}

const wiredPorts = (graph: Graph, id: string): ReadonlySet<string> =>
  new Set(graph.edges.filter(({ to }) => to[0] === id).map(({ to }) => to[1]));

/** The node of a type with the fewest edges between it and `start`, `start` included; among equals the first drawn. O(N + E). */
function nearest(graph: Graph, start: string, type: string): string | undefined {
  const into = edgesInto(graph);
  const seen = new Set([start]);
  // A set is walked in the order in which it grows, which makes this a breadth-first search.
  for (const id of seen) {
    if (graph.nodes[id]?.type === type) return id;
    for (const edge of into.get(id) ?? []) seen.add(edge.from[0]);
  }
  return undefined;
}
