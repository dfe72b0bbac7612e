import { sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** DPM-Solver++(2M), Lu et al. 2022b, algorithm 2, in λ = −ln σ (k-diffusion, sample_dpmpp_2m). */
export const dpmpp2m: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  let previous: { denoised: Float32Array; width: number } | undefined;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    const width = Math.log(sigma / next);
    let estimate = denoised;
    if (previous !== undefined && next > 0) {
      const lead = width / (2 * previous.width);
      estimate = sum([1 + lead, denoised], [-lead, previous.denoised]);
    }
    current = sum([next / sigma, current], [-Math.expm1(-width), estimate]);
    previous = { denoised, width };
    onStep(step, current, denoised);
  }
  return current;
};
