import { advance, slope, sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

const longest = 3;

/** Zhang and Chen 2022 (DEIS), the tabulated variant of order 3: slopes as a polynomial in time (ComfyUI, sample_deis). */
export const deis: Sampler = async ({ denoise, sample, sigmas, onStep }) => {
  let current = sample;
  const slopes: Float32Array[] = [];
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    slopes.unshift(slope(current, denoised, sigma));
    slopes.splice(longest);
    const [newest = current] = slopes;
    if (next === 0 || slopes.length === 1) current = advance(current, newest, sigma, next);
    else {
      const times = slopes.map((_, age) => timeOf(sigmas[step - age] ?? 0));
      const weights = integrals(times, timeOf(next));
      current = sum([1, current], ...slopes.map((each, age) => [weights[age] ?? 0, each] as const));
    }
    onStep(step, current, denoised);
  }
  return current;
};

// Time of the variance-preserving process that reaches σ = 80 at 1 and 0.002 at 0.001 (comfy/k_diffusion/deis.py, edm2t).
const earliest = 1e-3;
const longestLog = Math.log(80 ** 2 + 1);
const slopeOfBeta = (2 * (Math.log(0.002 ** 2 + 1) / earliest - longestLog)) / (earliest - 1);
const firstBeta = longestLog - 0.5 * slopeOfBeta;

function timeOf(sigma: number): number {
  return (Math.sqrt(firstBeta ** 2 + 2 * slopeOfBeta * Math.log(sigma ** 2 + 1)) - firstBeta) / slopeOfBeta;
}

const points = 10_000;

/** ∫ of each of Lagrange's polynomials over dσ = rate·dt from the newest time to `end`, as ComfyUI's sum over 10,000 points. */
function integrals(times: readonly number[], end: number): number[] {
  const [start = 0] = times;
  const sums = times.map(() => 0);
  for (let point = 0; point < points; point++) {
    const time = start + ((end - start) * point) / (points - 1);
    const alpha = Math.exp(-0.5 * time ** 2 * slopeOfBeta - time * firstBeta);
    const rate = (0.5 * (time * slopeOfBeta + firstBeta)) / Math.sqrt(alpha * (1 - alpha));
    for (const [age, own] of times.entries()) {
      let polynomial = 1;
      for (const [other, from] of times.entries()) if (other !== age) polynomial *= (time - from) / (own - from);
      sums[age] = (sums[age] ?? 0) + rate * polynomial;
    }
  }
  return sums.map((total) => (total * (end - start)) / points);
}
