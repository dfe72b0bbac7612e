import type { Latents, SamplerName, ScheduleName, Tensor } from '../contracts.ts';
import { createDenoiser, type Prediction, type PredictNoise } from './denoiser.ts';
import { BrownianTree } from './noise/brownian-tree.ts';
import { TorchGenerator } from './noise/torch-generator.ts';
import { NoiseSchedule, type NoiseTraining } from './noise-schedule.ts';
import { sum } from './samplers/arithmetic.ts';
import { samplers } from './samplers/catalog.ts';
import type { SamplerInput } from './samplers/sampler.ts';
import { sigmasFor } from './schedules.ts';

export type { PredictNoise } from './denoiser.ts';

export interface SampleOptions {
  readonly predict: PredictNoise;
  readonly prediction: Prediction;
  readonly noiseSchedule: NoiseTraining;
  /** Where to start: zeros, or a picture in the scaled space. [images, channels, h, w] */
  readonly latents: Latents;
  /** [1, tokens, width] each. */
  readonly positive: Tensor;
  readonly negative: Tensor;
  readonly seed: bigint;
  readonly steps: number;
  readonly guidance: number;
  readonly sampler: SamplerName;
  readonly schedule: ScheduleName;
  /** In (0, 1]. */
  readonly denoise: number;
  readonly signal: AbortSignal;
  readonly onStep?: (report: { step: number; of: number; denoised: Float32Array }) => void;
}

/**
 * Draws noise from the seed and takes it away again along the schedule: ComfyUI's KSampler on its CPU, number for number
 * up to rounding. Rejects with the signal's reason when stopped, which happens before the next evaluation.
 */
export async function sampleLatents(options: SampleOptions): Promise<Latents> {
  const { latents, seed, signal } = options;
  const noise = new NoiseSchedule(options.noiseSchedule);
  const definition = samplers[options.sampler];
  const sigmas = sigmasFor({ ...options, noise, discardsPenultimate: definition.discardsPenultimate ?? false });
  const of = sigmas.length - 1;
  signal.throwIfAborted();

  const data = await definition.run({
    denoise: createDenoiser({ ...options, noise, dims: latents.dims }),
    sample: startOf(latents, new TorchGenerator(seed).normal(latents.data.length), sigmas, noise),
    sigmas,
    noise: stepNoise(definition.noise, seed, latents.data.length, sigmas),
    onStep: (step, _sample, denoised) => options.onStep?.({ step: step + 1, of, denoised }),
  });
  return { dims: latents.dims, data };
}

/** Noise over a picture. From the noisiest level the sample's own variance counts too (ComfyUI, EPS.noise_scaling). */
export function startOf(
  latents: Latents,
  draw: Float32Array,
  sigmas: Float32Array,
  noise: NoiseSchedule,
): Float32Array {
  const first = sigmas[0] ?? 0;
  const isLargest = first > noise.largest || Math.abs(first - noise.largest) <= 1e-5 * noise.largest;
  return sum([isLargest ? Math.sqrt(1 + first * first) : first, draw], [1, latents.data]);
}

/**
 * The noise a sampler adds while it runs. Normal draws come from a new generator of the same seed, so the first of them
 * is the noise the run began with: ComfyUI 0.3.64 does so, and pictures of a seed depend on it.
 */
export function stepNoise(
  kind: 'none' | 'normal' | 'brownian',
  seed: bigint,
  count: number,
  sigmas: Float32Array,
): SamplerInput['noise'] {
  if (kind === 'brownian') {
    const positive = sigmas.filter((sigma) => sigma > 0);
    const tree = new BrownianTree({ start: Math.min(...positive), end: Math.max(...positive) }, count, seed);
    return (sigma, next) => tree.between(sigma, next);
  }
  const generator = new TorchGenerator(seed);
  return () => generator.normal(count);
}
