import { advance, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

const longest = 4;

/** Improved PNDM with weights for steps of unequal length (ComfyUI, sample_ipndm_v). */
export const ipndmV: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  const slopes: Float32Array[] = [];
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    slopes.unshift(slope(current, denoised, sigma));
    slopes.splice(longest);
    const widths = slopes.map((_, age) => (sigmas[step + 1 - age] ?? 0) - (sigmas[step - age] ?? 0));
    const weights = weightsFor(widths);
    const direction = sum(...slopes.map((each, age) => [weights[age] ?? 0, each] as const));
    current = next === 0 ? denoised : advance(current, direction, sigma, next);
    onStep(step, current, denoised);
  }
  return current;
};

/**
 * Weights of the slopes, the newest first, for step widths h₀ (the step to take), h₁, h₂, h₃.
 * `third` and the last weight are ComfyUI's: they differ from those of Adams and Bashforth, so that four weights add up to 1
 * only for equal widths, and pictures of a seed depend on it.
 */
function weightsFor([h0 = 0, h1, h2, h3]: readonly number[]): number[] {
  if (h1 === undefined) return [1];
  const second = h0 / h1 / 2;
  if (h2 === undefined) return [1 + second, -second];
  const third = (1 - ((h0 / (3 * (h0 + h1))) * (h0 * (h0 + h1))) / (h1 * (h1 + h2))) / 2;
  const ratio = h1 / h2;
  if (h3 === undefined) return [1 + second + third, -second - (1 + ratio) * third, third * ratio];
  const fourth =
    (((1 - h0 / (3 * (h0 + h1))) / 2 + ((1 - h0 / (2 * (h0 + h1))) * h0) / (6 * (h0 + h1 + h2))) *
      (h0 * (h0 + h1) * (h0 + h1 + h2))) /
    (h1 * (h1 + h2) * (h1 + h2 + h3));
  const span = (h1 * (h1 + h2)) / (h2 * (h2 + h3));
  return [
    1 + second + third + fourth,
    -second - (1 + ratio) * third - (1 + ratio + span) * fourth,
    third * ratio + (ratio + span * (1 + h2 / h3)) * fourth,
    -fourth * span * ratio,
  ];
}
