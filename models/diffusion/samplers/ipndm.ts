import { advance, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** Adams and Bashforth's weights for steps of equal length, the newest slope first. */
const weights = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]];

/** Zhang and Chen 2022 (improved PNDM): up to four slopes with constant weights (ComfyUI, sample_ipndm). */
export const ipndm: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  const slopes: Float32Array[] = [];
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    slopes.unshift(slope(current, denoised, sigma));
    slopes.splice(weights.length);
    const chosen = weights[slopes.length - 1] ?? [];
    const direction = sum(...slopes.map((each, age) => [chosen[age] ?? 0, each] as const));
    current = next === 0 ? denoised : advance(current, direction, sigma, next);
    onStep(step, current, denoised);
  }
  return current;
};
