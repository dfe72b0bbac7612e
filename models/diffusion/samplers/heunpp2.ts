import { advance, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/**
 * Heun's method with up to three slopes, weighted by the noise level where each was taken (ComfyUI, sample_heunpp2,
 * after Crowson et al.'s Heun++): three evaluations a step, two for the last but one, one for the last.
 */
export const heunpp2: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  const largest = sigmas[0] ?? 0;
  const last = sigmas[sigmas.length - 1] ?? 0;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    let direction = slope(current, denoised, sigma);
    if (next !== last) {
      const beyond = sigmas[step + 2] ?? 0;
      const guess = advance(current, direction, sigma, next);
      const second = slope(guess, await denoise(guess, next), next);
      if (beyond === last) {
        const weight = next / (2 * largest);
        direction = sum([1 - weight, direction], [weight, second]);
      } else {
        const farther = advance(guess, second, next, beyond);
        const third = slope(farther, await denoise(farther, beyond), beyond);
        const [near, far] = [next / (3 * largest), beyond / (3 * largest)];
        direction = sum([1 - near - far, direction], [near, second], [far, third]);
      }
    }
    current = advance(current, direction, sigma, next);
    onStep(step, current, denoised);
  }
  return current;
};
