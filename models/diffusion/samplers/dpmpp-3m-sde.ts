import { sum } from './arithmetic.ts';
import { type Sampler, stepsOf } from './sampler.ts';

interface Past {
  readonly denoised: Float32Array;
  /** The width in λ = −ln σ of the step that began there. */
  readonly width: number;
}

/** SDE-DPM-Solver++(3M) with η = 1 (k-diffusion, sample_dpmpp_3m_sde). */
export const dpmpp3mSde: Sampler = async ({ denoise, sample, sigmas, noise, onStep }) => {
  let current = sample;
  let past: readonly Past[] = [];
  for (const { sigma, next, step } of stepsOf(sigmas)) {
    const denoised = await denoise(current, sigma);
    if (next === 0) current = denoised;
    else {
      const width = Math.log(sigma / next);
      const decay = 2 * width;
      const base = [
        [Math.exp(-decay), current],
        [-Math.expm1(-decay), denoised],
      ] as const;
      const deviation = next * Math.sqrt(-Math.expm1(-2 * width));
      current = sum(...base, ...corrections(denoised, width, past), [deviation, noise(sigma, next)]);
      past = [{ denoised, width }, ...past].slice(0, 2);
    }
    onStep(step, current, denoised);
  }
  return current;
};

/** φ₂·d₁ − φ₃·d₂, where d₁ and d₂ are divided differences of the estimates; with one old estimate φ₂·d₁ alone. */
function corrections(denoised: Float32Array, width: number, [first, second]: readonly Past[]) {
  if (first === undefined) return [];
  const decay = 2 * width;
  const phi2 = Math.expm1(-decay) / decay + 1;
  const r0 = first.width / width;
  if (second === undefined) {
    return [
      [phi2 / r0, denoised],
      [-phi2 / r0, first.denoised],
    ] as const;
  }
  const phi3 = phi2 / decay - 0.5;
  const r1 = second.width / width;
  // d₁ = a + (a − b)·r₀/(r₀+r₁) and d₂ = (a − b)/(r₀+r₁), with a = (D − D₁)/r₀ and b = (D₁ − D₂)/r₁.
  const ofA = phi2 * (1 + r0 / (r0 + r1)) - phi3 / (r0 + r1);
  const ofB = phi3 / (r0 + r1) - (phi2 * r0) / (r0 + r1);
  return [
    [ofA / r0, denoised],
    [ofB / r1 - ofA / r0, first.denoised],
    [-ofB / r1, second.denoised],
  ] as const;
}
