import { ancestral, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** DPM-Solver++(2S), Lu et al. 2022b, algorithm 1, r = ½, with ancestral noise (k-diffusion, sample_dpmpp_2s_ancestral). */
export const dpmpp2sAncestral: Sampler = async ({ denoise, sample, sigmas, noise, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    const { down, up } = ancestral(sigma, next);
    if (down === 0) current = denoised;
    else {
      const width = Math.log(sigma / down);
      const middle = Math.sqrt(sigma * down);
      const guess = sum([middle / sigma, current], [-Math.expm1(-width / 2), denoised]);
      const second = await denoise(guess, middle);
      current = sum([down / sigma, current], [-Math.expm1(-width), second], [up, noise(sigma, next)]);
    }
    onStep(step, current, denoised);
  }
  return current;
};
