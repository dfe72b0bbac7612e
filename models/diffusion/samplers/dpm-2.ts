import { advance, slope } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** DPM-Solver-2 (Karras et al. 2022, algorithm 2, with the middle in ln σ; k-diffusion, sample_dpm_2). */
export const dpm2: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    const first = slope(current, denoised, sigma);
    if (next === 0) current = advance(current, first, sigma, next);
    else {
      const middle = Math.sqrt(sigma * next);
      const guess = advance(current, first, sigma, middle);
      current = advance(current, slope(guess, await denoise(guess, middle), middle), sigma, next);
    }
    onStep(step, current, denoised);
  }
  return current;
};
