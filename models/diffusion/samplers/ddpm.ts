import { slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/**
 * Ho et al. 2020 (DDPM), eq. 11 and algorithm 2, between any two levels: written for z = x·√ᾱ with ᾱ = 1/(1+σ²)
 * (ComfyUI, DDPMSampler_step).
 */
export const ddpm: Sampler = async ({ denoise, sample, sigmas, noise, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    const [cumulative, nextCumulative] = [1 / (sigma ** 2 + 1), 1 / (next ** 2 + 1)];
    const alpha = cumulative / nextCumulative;
    const scale = Math.sqrt(1 / alpha / nextCumulative);
    current = sum(
      [Math.sqrt(cumulative) * scale, current],
      [(-scale * (1 - alpha)) / Math.sqrt(1 - cumulative), slope(current, denoised, sigma)],
    );
    if (next > 0) {
      const variance = ((1 - alpha) * (1 - nextCumulative)) / (1 - cumulative);
      current = sum([1, current], [Math.sqrt(variance / nextCumulative), noise(sigma, next)]);
    }
    onStep(step, current, denoised);
  }
  return current;
};
