import * as z from 'zod';
import { scheduleNames } from '../../models/contracts.ts';
import { NoiseSchedule, type NoiseTraining } from '../../models/diffusion/noise-schedule.ts';
import { sigmasFor } from '../../models/diffusion/schedules.ts';
import { largestDifference } from '../support/networks.ts';
import type { Goldens } from './goldens.ts';
import type { ParityCase, ParityGroup } from './parity-case.ts';

/** How Stable Diffusion 1.x was trained. */
export const sd1Training: NoiseTraining = {
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  trainTimesteps: 1000,
};

/** Relative, of float32 originals against double precision formulas. */
const tolerance = 3e-6;

const scheduleSchema = z.object({
  n: z.int(),
  denoise: z.number().default(1),
  discard_penultimate: z.boolean().default(false),
  values: z.array(z.number().nullable()),
  timesteps: z.array(z.int().nullable()).nullable(),
  min_timestep_margin: z.number().nullable(),
});
type RecordedSchedule = z.output<typeof scheduleSchema>;

/** Noise levels and their timesteps; each row is the worst of all step counts. */
export const scheduleGroup: ParityGroup = {
  name: 'schedules',
  file: 'schedules.json',
  cases: async (goldens) => {
    const { cases } = await goldens.json('schedules.json', z.object({ cases: z.record(z.string(), scheduleSchema) }));
    const rows = new Map<string, RecordedSchedule[]>();
    for (const [key, recorded] of Object.entries(cases)) {
      const row = key.replace(/\/n\d+/, '');
      rows.set(row, [...(rows.get(row) ?? []), recorded]);
    }
    return [...tableCases(goldens), ...Array.from(rows, ([name, recorded]) => scheduleCase(name, recorded))];
  },
};

function tableCases(goldens: Goldens): ParityCase[] {
  const table = (name: string, tensor: string, zeroTerminalSnr: boolean): ParityCase => ({
    name,
    tolerance,
    measure: async () => {
      const { data } = await goldens.tensor('schedules', tensor);
      const { sigmas } = new NoiseSchedule({ ...sd1Training, zeroTerminalSnr });
      return largestDifference(
        sigmas.map((sigma, index) => sigma / (data[index] ?? 0)),
        new Float32Array(data.length).fill(1),
      );
    },
  });
  return [table('model', 'model_sigmas', false), table('zsnr/model', 'zsnr_model_sigmas', true)];
}

/** Our name for a recorded schedule, where it is built. */
export function scheduleNamed(recorded: string) {
  const name = recorded === 'ays_SD1' ? 'align_your_steps' : recorded;
  return scheduleNames.find((known) => known === name);
}

function scheduleCase(name: string, recorded: readonly RecordedSchedule[]): ParityCase {
  const schedule = scheduleNamed(name.replace('zsnr/', '').split('/')[0] ?? '');
  if (schedule === undefined) return { name, tolerance };
  const noise = new NoiseSchedule({ ...sd1Training, zeroTerminalSnr: name.startsWith('zsnr/') });
  const errorOf = (each: RecordedSchedule) => {
    const { n: steps, denoise, discard_penultimate: discardsPenultimate } = each;
    const sigmas = sigmasFor({ schedule, noise, steps, denoise, discardsPenultimate });
    return Math.max(relativeError(sigmas, each.values), timestepError(sigmas, each, noise));
  };
  return { name, tolerance, measure: async () => Math.max(...recorded.map(errorOf)) };
}

/** Where the original divides 0 by 0 (kl_optimal of one step) there is nothing to compare. */
function relativeError(sigmas: Float32Array, expected: RecordedSchedule['values']): number {
  if (sigmas.length !== expected.length)
    throw new Error(`Expected ${expected.length} levels but received ${sigmas.length}`);
  const errors = expected.map((value, index) => {
    const actual = sigmas[index] ?? Number.NaN;
    if (value === null) return Number.isFinite(actual) ? 0 : Number.POSITIVE_INFINITY;
    return value === 0 ? Math.abs(actual) : Math.abs(actual / value - 1);
  });
  return Math.max(...errors);
}

/** 0, or 1 where a level belongs to another timestep than recorded; ties may fall on either neighbour. */
function timestepError(sigmas: Float32Array, recorded: RecordedSchedule, noise: NoiseSchedule): number {
  const slack = (recorded.min_timestep_margin ?? 1) < 1e-4 ? 1 : 0;
  const isOff = recorded.timesteps?.some((timestep, index) => {
    if (timestep === null || recorded.values[index] === null) return false;
    return Math.abs(noise.timestepOf(sigmas[index] ?? 0) - timestep) > slack;
  });
  return isOff ? 1 : 0;
}
