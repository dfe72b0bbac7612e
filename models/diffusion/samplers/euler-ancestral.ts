import { advance, ancestral, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** Euler's method to a level below the next, then fresh noise up to it (k-diffusion, sample_euler_ancestral, η = 1). */
export const eulerAncestral: Sampler = async ({ denoise, sample, sigmas, noise, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    const { down, up } = ancestral(sigma, next);
    current = advance(current, slope(current, denoised, sigma), sigma, down);
    if (next > 0) current = sum([1, current], [up, noise(sigma, next)]);
    onStep(step, current, denoised);
  }
  return current;
};
