import { sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/**
 * SDE-DPM-Solver++(2M), Lu et al. 2022b, algorithm 3 and appendix, with η = 1 (k-diffusion, sample_dpmpp_2m_sde).
 * `correction` says how the second-order term is approximated.
 */
export function dpmpp2mSde(correction: 'midpoint' | 'heun'): Sampler {
  return async ({ denoise, sample, sigmas, noise, onStep }) => {
    let current = sample;
    let previous: { denoised: Float32Array; width: number } | undefined;
    for (const { sigma, next, step } of stepsOf(sigmas)) {
      const denoised = await denoise(current, sigma);
      const width = Math.log(sigma / next);
      if (next === 0) current = denoised;
      else {
        current = sum([(next / sigma) * Math.exp(-width), current], [-Math.expm1(-2 * width), denoised]);
        if (previous !== undefined) {
          const weight = second[correction](width) * (width / previous.width);
          current = sum([1, current], [weight, denoised], [-weight, previous.denoised]);
        }
        const deviation = next * Math.sqrt(-Math.expm1(-2 * width));
        current = sum([1, current], [deviation, noise(sigma, next)]);
      }
      previous = { denoised, width };
      onStep(step, current, denoised);
    }
    return current;
  };
}

const second = {
  midpoint: (width: number) => -0.5 * Math.expm1(-2 * width),
  heun: (width: number) => -Math.expm1(-2 * width) / (-2 * width) + 1,
};
