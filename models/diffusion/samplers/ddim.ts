import { sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/**
 * Song et al. 2020 (DDIM), eq. 12 with η = 0: x' = √ᾱ'·x₀ + √(1−ᾱ')·ε. In the scale x₀ + σ·ε used here √ᾱ drops out
 * and the same ε is put back at the lower level, which makes it Euler's method in another notation.
 */
export const ddim: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    current = sum([next / sigma, current], [1 - next / sigma, denoised]);
    onStep(step, current, denoised);
  }
  return current;
};
