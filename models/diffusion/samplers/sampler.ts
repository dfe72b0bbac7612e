/** What a sampler works with. It owns no network, clock or random source, so tests can run it on a formula. */
export interface SamplerInput {
  /** The denoised estimate D(x, σ); one evaluation of the network. Its result is not changed afterwards by either side. */
  readonly denoise: (sample: Float32Array, sigma: number) => Promise<Float32Array>;
  /** x at `sigmas[0]`, in the scale x = x₀ + σ·ε. It is not written to. */
  readonly sample: Float32Array;
  /** Descending noise levels, the last of which may be 0. */
  readonly sigmas: Float32Array;
  /** Fresh noise of unit variance for going from one level to another. */
  readonly noise: (sigma: number, next: number) => Float32Array;
  /** Called after each step with its number from 0, the sample it reached and the first denoised estimate of it. */
  readonly onStep: (step: number, sample: Float32Array, denoised: Float32Array) => void;
}

/** Takes noise away step by step and gives the sample at the last level. */
export type Sampler = (input: SamplerInput) => Promise<Float32Array>;

export interface SamplerDefinition {
  readonly run: Sampler;
  /** Independent draws of a generator, or increments of one Brownian path that do not depend on the steps taken. */
  readonly noise: 'none' | 'normal' | 'brownian';
  /** True for samplers that ComfyUI gives one step more and the schedule without the level before 0. */
  readonly discardsPenultimate?: boolean;
}

/** The steps of a run: the level left, the level reached, and the number from 0. */
export function* stepsOf(sigmas: Float32Array): Generator<{ sigma: number; next: number; step: number }> {
  for (let step = 0; step + 1 < sigmas.length; step++) {
    yield { sigma: sigmas[step] ?? 0, next: sigmas[step + 1] ?? 0, step };
  }
}
