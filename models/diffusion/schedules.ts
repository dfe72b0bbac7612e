import type { ScheduleName } from '../contracts.ts';
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
};

/**
 * The levels of a run as ComfyUI's KSampler chooses them: with `denoise` below 1 the last `steps` of a longer
 * schedule, so the number of steps stays. `discardsPenultimate` runs one step more and drops the level before 0.
 */
export function sigmasFor(options: {
  schedule: ScheduleName;
  noise: NoiseSchedule;
  steps: number;
  denoise: number;
  discardsPenultimate: boolean;
}): Float32Array {
  const { noise, steps, denoise, discardsPenultimate } = options;
  const whole = denoise > 0.9999 ? steps : Math.trunc(steps / denoise);
  const levels = schedules[options.schedule](noise, discardsPenultimate ? whole + 1 : whole);
  const kept = discardsPenultimate ? levels.toSpliced(-2, 1) : levels;
  return Float32Array.from(denoise > 0.9999 ? kept : kept.slice(-(steps + 1)));
}

const round = Math.fround;

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
