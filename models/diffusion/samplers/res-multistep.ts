import { advance, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** Zhang et al. 2023 (refined exponential solver), second order multistep without noise (ComfyUI, sample_res_multistep). */
export const resMultistep: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  let previous: { denoised: Float32Array; sigma: number } | undefined;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    if (next === 0 || previous === undefined) {
      current = advance(current, slope(current, denoised, sigma), sigma, next);
    } else {
      const width = Math.log(sigma / next);
      const phi1 = -Math.expm1(-width) / width;
      const phi2 = (1 - phi1) / width;
      const weight = phi2 / (Math.log(sigma / previous.sigma) / width);
      current = sum([next / sigma, current], [width * (phi1 - weight), denoised], [width * weight, previous.denoised]);
    }
    previous = { denoised, sigma };
    onStep(step, current, denoised);
  }
  return current;
};
