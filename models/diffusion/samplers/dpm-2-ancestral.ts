import { advance, ancestral, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** DPM-Solver-2 to a level below the next, then fresh noise up to it (k-diffusion, sample_dpm_2_ancestral, η = 1). */
export const dpm2Ancestral: Sampler = async ({ denoise, sample, sigmas, noise, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    const { down, up } = ancestral(sigma, next);
    const first = slope(current, denoised, sigma);
    if (down === 0) current = advance(current, first, sigma, down);
    else {
      const middle = Math.sqrt(sigma * down);
      const guess = advance(current, first, sigma, middle);
      const second = slope(guess, await denoise(guess, middle), middle);
      current = sum([1, advance(current, second, sigma, down)], [up, noise(sigma, next)]);
    }
    onStep(step, current, denoised);
  }
  return current;
};
