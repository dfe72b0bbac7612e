import { sum } from './arithmetic.ts';
import type { Sampler } from './sampler.ts';

const longest = 3;
// ComfyUI's stand-in for a last level of 0, where λ is infinite.
const lastLevel = 0.001;

interface Past {
  readonly denoised: Float32Array;
  /** λ = −ln σ */
  readonly lambda: number;
}

/**
 * Zhao et al. 2023 (UniPC), multistep, for predicted pictures, with B₁(h) = h or B₂(h) = eʰ − 1 (comfy/extra_samplers/uni_pc.py).
 * Written for x = x₀ + σ·ε: dividing the paper's x̃ = α·x by α leaves x' = (σ'/σ)·x − (e⁻ʰ − 1)·D − B·Σ ρₖ·Dₖ.
 */
export function uniPc(variant: 'bh1' | 'bh2'): Sampler {
  return async ({ denoise, sample, sigmas, onStep }) => {
    const levels = Array.from(sigmas, (sigma) => (sigma === 0 ? lastLevel : sigma));
    const steps = levels.length - 1;
    const order = Math.max(1, Math.min(longest, steps - 1));
    let current = sample;
    let sigma = levels[0] ?? 0;
    let past: Past[] = [{ denoised: await denoise(current, sigma), lambda: -Math.log(sigma) }];
    for (const [index, next] of levels.slice(1).entries()) {
      const step = index + 1;
      const used = past.slice(0, step < order ? step : Math.min(order, steps + 1 - step));
      const system = systemFor(used, -Math.log(next), variant);
      const base = [
        [next / sigma, current],
        [-system.phi1, system.newest],
      ] as const;
      const denoised = used[0]?.denoised ?? current;
      current = sum(...base, ...differences(used, system.predictor, system));
      if (step < steps) {
        const reached = await denoise(current, next);
        const last = -system.scale * (system.corrector.at(-1) ?? 0);
        current = sum(...base, ...differences(used, system.corrector, system), [last, reached], [-last, system.newest]);
        past = [{ denoised: reached, lambda: -Math.log(next) }, ...past].slice(0, order);
      }
      sigma = next;
      onStep(index, current, denoised);
    }
    return current;
  };
}

interface System {
  readonly newest: Float32Array;
  /** h·φ₁ = e⁻ʰ − 1 */
  readonly phi1: number;
  /** B(h) */
  readonly scale: number;
  /** rₖ, without the 1 at the end */
  readonly ratios: readonly number[];
  readonly predictor: readonly number[];
  readonly corrector: readonly number[];
}

/** The weights ρ: R·ρ = b with Rᵢₖ = rₖⁱ⁻¹, for the predictor without its last row and column (eq. 7 and appendix). */
function systemFor(used: readonly Past[], lambda: number, variant: 'bh1' | 'bh2'): System {
  const [newest, ...older] = used;
  if (newest === undefined) throw new RangeError('Expected an estimate for UniPC to go on from but received none');
  const width = lambda - newest.lambda;
  const phi1 = Math.expm1(-width);
  const scale = variant === 'bh1' ? -width : phi1;
  const ratios = older.map((each) => (each.lambda - newest.lambda) / width);
  const nodes = [...ratios, 1];
  const rows: number[][] = [];
  const right: number[] = [];
  let factorial = 1;
  let phi = phi1 / -width - 1;
  for (let power = 0; power < used.length; power++) {
    rows.push(nodes.map((node) => node ** power));
    right.push((phi * factorial) / scale);
    factorial *= power + 2;
    phi = phi / -width - 1 / factorial;
  }
  const inner = rows.slice(0, -1).map((row) => row.slice(0, -1));
  return {
    newest: newest.denoised,
    phi1,
    scale,
    ratios,
    // The authors take ½ for the smallest systems in place of the solution.
    predictor: used.length === 2 ? [0.5] : solve(inner, right.slice(0, -1)),
    corrector: used.length === 1 ? [0.5] : solve(rows, right),
  };
}

/** −B·Σ ρₖ·(Dₖ − D)/rₖ */
function differences(used: readonly Past[], weights: readonly number[], { scale, ratios, newest }: System) {
  return ratios.flatMap((ratio, index) => {
    const weight = (-scale * (weights[index] ?? 0)) / ratio;
    return [
      [weight, used[index + 1]?.denoised ?? newest],
      [-weight, newest],
    ] as const;
  });
}

/** Gauss's elimination with row exchange, for systems of up to three unknowns. */
function solve(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  if (rows.length === 0) return [];
  const [first, ...others] = rows
    .map((row, index) => [...row, right[index] ?? 0])
    .sort((a, b) => Math.abs(b[0] ?? 0) - Math.abs(a[0] ?? 0));
  const [pivot = 1, ...known] = first ?? [];
  const reduced = others.map(([lead = 0, ...rest]) =>
    rest.map((value, index) => value - (lead / pivot) * (known[index] ?? 0)),
  );
  const rest = solve(
    reduced.map((row) => row.slice(0, -1)),
    reduced.map((row) => row.at(-1) ?? 0),
  );
  const sumOfRest = rest.reduce((total, value, index) => total + value * (known[index] ?? 0), 0);
  return [((known.at(-1) ?? 0) - sumOfRest) / pivot, ...rest];
}
