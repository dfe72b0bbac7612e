import { sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** Luo et al. 2023 (Latent Consistency Models), algorithm 3: denoise fully, then add fresh noise of the next level. */
export const lcm: Sampler = async ({ denoise, sample, sigmas, noise, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    current = next > 0 ? sum([1, denoised], [next, noise(sigma, next)]) : denoised;
    onStep(step, current, denoised);
  }
  return current;
};
