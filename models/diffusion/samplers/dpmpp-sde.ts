import { ancestral, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

/** DPM-Solver++ (SDE) of second order, r = ½, η = 1 (k-diffusion, sample_dpmpp_sde): two evaluations and two draws a step. */
export const dpmppSde: Sampler = async ({ denoise, sample, sigmas, noise, onStep }) => {
  let current = sample;
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    if (next === 0) current = denoised;
    else {
      const middle = middleOf(sigma, next);
      const near = ancestral(sigma, middle);
      const guess = sum(
        [near.down / sigma, current],
        [1 - near.down / sigma, denoised],
        [near.up, noise(sigma, middle)],
      );
      // With r = ½ the two estimates combine to the second alone: (1 − 1/(2r))·D + 1/(2r)·D₂.
      const second = await denoise(guess, middle);
      const far = ancestral(sigma, next);
      current = sum([far.down / sigma, current], [1 - far.down / sigma, second], [far.up, noise(sigma, next)]);
    }
    onStep(step, current, denoised);
  }
  return current;
};

/** Half-way in λ = −ln σ, rounded where torch rounds: Brownian noise is cut at six decimals of this level. */
function middleOf(sigma: number, next: number): number {
  const round = Math.fround;
  const start = round(-Math.log(sigma));
  const width = round(round(-Math.log(next)) - start);
  return round(Math.exp(-round(start + round(width * 0.5))));
}
