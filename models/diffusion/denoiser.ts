import type { Tensor } from '../contracts.ts';
import { NonFiniteError } from '../errors.ts';
import { guidanceBatches } from './guidance.ts';
import type { NoiseSchedule } from './noise-schedule.ts';

/** One evaluation of the network: [rows, channels, h, w] and a context [rows, tokens, width] give an output like the sample. */
export type PredictNoise = (
  sample: Float32Array,
  dims: readonly number[],
  timestep: number,
  context: Tensor,
) => Promise<Float32Array>;

/** The denoised estimate D(x, σ) of a sample in the scale x = x₀ + σ·ε. */
export type Denoise = (sample: Float32Array, sigma: number) => Promise<Float32Array>;

/** What the network's output means: the noise, or the velocity of Salimans and Ho 2022. */
export type Prediction = 'epsilon' | 'v';

/**
 * Reads a network as a denoiser with classifier-free guidance (Ho and Salimans 2022), the way ComfyUI does:
 * input x/√(σ²+1), the nearest whole timestep, D = D_negative + guidance·(D_positive − D_negative).
 * Throws the signal's reason before an evaluation once it is aborted, and `NonFiniteError` when a value is no number.
 */
export function createDenoiser(options: {
  predict: PredictNoise;
  prediction: Prediction;
  noise: NoiseSchedule;
  dims: readonly number[];
  positive: Tensor;
  negative: Tensor;
  guidance: number;
  signal: AbortSignal;
}): Denoise {
  const { predict, noise, dims, guidance, signal } = options;
  const size = dims.reduce((product, side) => product * side, 1);
  const [images = 1, ...shape] = dims;
  const batches = guidanceBatches(options, images);

  return async (sample, sigma) => {
    const timestep = noise.timestepOf(sigma);
    const scale = 1 / Math.sqrt(sigma * sigma + 1);
    const shares: { weight: number; output: Float32Array }[] = [];
    for (const { context, weights } of batches) {
      signal.throwIfAborted();
      const input = new Float32Array(size * weights.length);
      for (let index = 0; index < input.length; index++) input[index] = (sample[index % size] ?? 0) * scale;
      const output = await predict(input, [images * weights.length, ...shape], timestep, context);
      if (output.length !== input.length) {
        throw new RangeError(
          `Expected ${input.length} values from the network for a sample of ${dims.join('×')} but received ${output.length}.`,
        );
      }
      for (const [row, weight] of weights.entries()) {
        shares.push({ weight, output: output.subarray(row * size, (row + 1) * size) });
      }
    }
    const { keep, take } = readings[options.prediction](sigma);
    return guided(sample, shares, keep, take, sigma, guidance);
  };
}

/** D = keep·x + take·output. Salimans and Ho 2022, appendix D, for the velocity. */
const readings: Record<Prediction, (sigma: number) => { keep: number; take: number }> = {
  epsilon: (sigma) => ({ keep: 1, take: -sigma }),
  v: (sigma) => ({ keep: 1 / (sigma * sigma + 1), take: -sigma / Math.sqrt(sigma * sigma + 1) }),
};

/** The weights of the shares add up to 1, so guiding the outputs is guiding the denoised estimates. */
function guided(
  sample: Float32Array,
  shares: readonly { weight: number; output: Float32Array }[],
  keep: number,
  take: number,
  sigma: number,
  guidance: number,
): Float32Array {
  const denoised = new Float32Array(sample.length);
  for (let index = 0; index < denoised.length; index++) {
    let output = 0;
    for (const share of shares) output += share.weight * (share.output[index] ?? 0);
    const value = keep * (sample[index] ?? 0) + take * output;
    if (!Number.isFinite(value)) {
      throw new NonFiniteError(
        `Expected numbers from the denoiser but received ${value} at noise level ${sigma.toPrecision(4)}, guidance ${guidance}; ` +
          'the model may need more than half precision, or the guidance is far too high.',
      );
    }
    denoised[index] = value;
  }
  return denoised;
}
