import type { ScheduleName } from '../contracts.ts';
import { alignYourSteps } from './align-your-steps.ts';
import { symmetricBetaQuantile } from './beta-quantile.ts';
import type { NoiseSchedule } from './noise-schedule.ts';

/** Noise levels to visit: descending, ending in 0, usually `steps` + 1 of them. */
export type Schedule = (noise: NoiseSchedule, steps: number) => number[];

/** The schedules of ComfyUI (comfy/samplers.py), by its names. */
export const schedules: Readonly<Record<ScheduleName, Schedule>> = {
  /** Evenly spaced timesteps from the noisiest to the cleanest. */
  normal: (noise, steps) => [...evenly(noise.timesteps - 1, 0, steps).map((timestep) => noise.sigmaAt(timestep)), 0],

  /** Karras et al. 2022, eq. 5, with ρ = 7. */
  karras: (noise, steps) => {
    const [low, high] = [noise.smallest ** (1 / 7), noise.largest ** (1 / 7)];
    const width = round(low - high);
    return [...evenly(0, 1, steps).map((ramp) => round(round(high) + round(ramp * width)) ** 7), 0];
  },

  exponential: (noise, steps) => [
    ...evenly(Math.log(noise.largest), Math.log(noise.smallest), steps).map((logarithm) => Math.exp(logarithm)),
    0,
  ],

  /** `normal` without the cleanest level, so that the last step is as long as the others (Stability's sgm). */
  sgm_uniform: (noise, steps) => [
    ...evenly(noise.timesteps - 1, 0, steps + 1)
      .slice(0, -1)
      .map((timestep) => noise.sigmaAt(timestep)),
    0,
  ],

  simple: (noise, steps) => [
    ...Array.from({ length: steps }, (_, index) => {
      const back = Math.trunc(index * (noise.timesteps / steps));
      return noise.sigmas[noise.timesteps - 1 - back] ?? 0;
    }),
    0,
  ],

  /** DDIM's timesteps, from 1 upwards: never the noisiest, and now and then one step more than asked for. */
  ddim_uniform: (noise, steps) => {
    const stride = Math.max(Math.trunc(noise.timesteps / steps), 1);
    const count = Math.ceil((noise.timesteps - 1) / stride);
    return [0, ...Array.from({ length: count }, (_, index) => noise.sigmas[1 + index * stride] ?? 0)].reverse();
  },

  /** Lee et al. 2024 ("Beta Sampling is All You Need"): timesteps dense at both ends; equal ones count once. */
  beta: (noise, steps) => {
    const timesteps = Array.from({ length: steps }, (_, index) =>
      roundHalfEven(symmetricBetaQuantile(1 - index / steps, 0.6) * (noise.timesteps - 1)),
    );
    return [...Array.from(new Set(timesteps), (timestep) => noise.sigmas[timestep] ?? 0), 0];
  },

  /** For flow models: straight at first, then a parabola. Half of the steps stay near the noisiest level. */
  linear_quadratic: (noise, steps) => linearQuadratic(steps).map((share) => round(share) * noise.largest),

  /** Evenly spaced in the arc tangent of σ (Li et al. 2024), rounded as in torch: near a right angle the tangent is steep. */
  kl_optimal: (noise, steps) => {
    const [low, high] = [round(Math.atan(noise.smallest)), round(Math.atan(noise.largest))];
    const angles = Array.from({ length: steps }, (_, index) => {
      const share = steps === 1 ? 0 : round(index / (steps - 1));
      return round(round(share * low) + round(round(1 - share) * high));
    });
    return [...angles.map(Math.tan), 0];
  },

  align_your_steps: (_noise, steps) => alignYourSteps(steps),
};

/**
 * The levels of a run as ComfyUI's KSampler chooses them: with `denoise` below 1 the last `steps` of a longer
 * schedule, so the number of steps stays. `discardsPenultimate` runs one step more and drops the level before 0.
 * Throws `RangeError` unless `steps` is a whole number from 1 and `denoise` is in (0, 1].
 */
export function sigmasFor(options: {
  schedule: ScheduleName;
  noise: NoiseSchedule;
  steps: number;
  denoise: number;
  discardsPenultimate: boolean;
}): Float32Array {
  const { noise, steps, denoise, discardsPenultimate } = options;
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`Expected a whole number of steps but received ${steps}.`);
  if (!(denoise > 0 && denoise <= 1))
    throw new RangeError(`Expected a denoise above 0 and up to 1 but received ${denoise}.`);
  if (options.schedule === 'align_your_steps' && denoise < 1) {
    // Its node keeps the end of the schedule and so runs fewer steps, where the others run as many from a longer one.
    const kept = Math.max(roundHalfEven(steps * denoise), 1);
    return Float32Array.from(alignYourSteps(steps).slice(-(kept + 1)));
  }
  const whole = denoise > 0.9999 ? steps : Math.trunc(steps / denoise);
  const levels = schedules[options.schedule](noise, discardsPenultimate ? whole + 1 : whole);
  const kept = discardsPenultimate ? levels.toSpliced(-2, 1) : levels;
  const sigmas = Float32Array.from(denoise > 0.9999 ? kept : kept.slice(-(steps + 1)));
  // With more steps than training timesteps `simple` meets a level twice, where multistep samplers would divide by 0.
  return sigmas.filter((sigma, index) => sigma !== sigmas[index - 1]);
}

const round = Math.fround;

/** Python's and numpy's rounding. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const isHalf = value - below === 0.5;
  return isHalf ? below + (below % 2) : Math.round(value);
}

/** From 1 to 0; up to half of the steps a straight line to 0.975 (comfy/samplers.py, linear_quadratic_schedule). */
function linearQuadratic(steps: number): number[] {
  if (steps === 1) return [1, 0];
  const threshold = 0.025;
  const straight = Math.trunc(steps / 2);
  const curved = steps - straight;
  const difference = straight - threshold * steps;
  const quadratic = difference / (straight * curved ** 2);
  const linear = threshold / straight - (2 * difference) / curved ** 2;
  return Array.from({ length: steps + 1 }, (_, index) => {
    if (index === steps) return 0;
    if (index < straight) return 1 - (index * threshold) / straight;
    return 1 - (quadratic * index ** 2 + linear * index + quadratic * straight ** 2);
  });
}

/**
 * torch.linspace in float32, counted from both ends. Rounding where torch rounds matters twice: timesteps fall on halves
 * exactly where torch's do, and Brownian noise is cut at the same six decimals.
 */
function evenly(start: number, end: number, count: number): number[] {
  if (count === 1) return [start];
  const [first, last] = [round(start), round(end)];
  const step = round((last - first) / (count - 1));
  return Array.from({ length: count }, (_, index) =>
    round(index < count / 2 ? first + step * index : last - step * (count - 1 - index)),
  );
}
