/** Σ weight·values, in double precision and rounded once to float32. All arrays have one length. */
export function sum(...terms: readonly (readonly [weight: number, values: Float32Array])[]): Float32Array {
  const result = new Float64Array(terms[0]?.[1].length ?? 0);
  for (const [weight, values] of terms) {
    for (let index = 0; index < result.length; index++)
      result[index] = (result[index] ?? 0) + weight * (values[index] ?? 0);
  }
  return Float32Array.from(result);
}

/** d = (x − D) / σ, the slope of the sample over the noise level (Karras et al. 2022, eq. 3). */
export function slope(sample: Float32Array, denoised: Float32Array, sigma: number): Float32Array {
  return sum([1 / sigma, sample], [-1 / sigma, denoised]);
}

/** Euler's step along a slope. */
export function advance(sample: Float32Array, direction: Float32Array, from: number, to: number): Float32Array {
  return sum([1, sample], [to - from, direction]);
}

/**
 * A step from σ to σ' as a longer one down to `down` and noise of deviation `up` on top, of the same variance
 * (k-diffusion, get_ancestral_step). `eta` 0 adds no noise, 1 as much as DDPM does.
 */
export function ancestral(sigma: number, next: number, eta = 1): { down: number; up: number } {
  const up = Math.min(next, eta * Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2));
  return { down: Math.sqrt(next ** 2 - up ** 2), up };
}
