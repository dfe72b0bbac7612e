import { advance, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** Heun's method of second order (Karras et al. 2022, algorithm 1); two evaluations a step, one for the last. */
export const heun: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    const first = slope(current, denoised, sigma);
    const guess = advance(current, first, sigma, next);
    // At σ' = 0 there is no slope to average with.
    if (next === 0) current = guess;
    else {
      const second = slope(guess, await denoise(guess, next), next);
      current = advance(current, sum([0.5, first], [0.5, second]), sigma, next);
    }
    onStep(step, current, denoised);
  }
  return current;
};
