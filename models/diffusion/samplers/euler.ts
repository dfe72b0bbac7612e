import { advance, slope } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** Euler's method on the probability flow equation (Karras et al. 2022, algorithm 2 without churn). */
export const euler: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    current = advance(current, slope(current, denoised, sigma), sigma, next);
    onStep(step, current, denoised);
  }
  return current;
};
