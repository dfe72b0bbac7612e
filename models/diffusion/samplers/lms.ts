import { slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

const longest = 4;

/**
 * Linear multistep (Adams and Bashforth with steps of unequal length): the slopes of the last four levels as a polynomial
 * in σ, integrated (k-diffusion, sample_lms). k-diffusion integrates numerically to 1e-4, this exactly.
 */
export const lms: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  const slopes: Float32Array[] = [];
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    slopes.unshift(slope(current, denoised, sigma));
    slopes.splice(longest);
    const levels = slopes.map((_, age) => sigmas[step - age] ?? 0);
    current = sum([1, current], ...slopes.map((each, age) => [integral(levels, age, sigma, next), each] as const));
    onStep(step, current, denoised);
  }
  return current;
};

/** ∫ of Lagrange's polynomial that is 1 at level `age` and 0 at the others; Gauss with two points is exact up to cubics. */
function integral(levels: readonly number[], age: number, from: number, to: number): number {
  const own = levels[age] ?? 0;
  const polynomial = (at: number) =>
    levels.reduce((product, level, index) => (index === age ? product : (product * (at - level)) / (own - level)), 1);
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  const offset = half / Math.sqrt(3);
  return half * (polynomial(middle - offset) + polynomial(middle + offset));
}
