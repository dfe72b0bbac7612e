import { describe, expect, test } from 'vitest';
import { samplerNames, type Tensor } from '../../../models/contracts.ts';
import { createDenoiser, type PredictNoise } from '../../../models/diffusion/denoiser.ts';
import { guidanceBatches } from '../../../models/diffusion/guidance.ts';
import { NoiseSchedule } from '../../../models/diffusion/noise-schedule.ts';
import { type SampleOptions, sampleLatents } from '../../../models/diffusion/sample.ts';
import { samplers } from '../../../models/diffusion/samplers/catalog.ts';
import { sigmasFor } from '../../../models/diffusion/schedules.ts';
import { NonFiniteError } from '../../../models/errors.ts';
import { sd1Training } from '../../parity/schedules.ts';

const noise = new NoiseSchedule(sd1Training);
const context: Tensor = { dims: [1, 77, 1], data: new Float32Array(77) };

// Agreement with ComfyUI's runs is checked in tests/parity.
describe.each(samplerNames)('%s', (name) => {
  const { run, noise: kind, discardsPenultimate = false } = samplers[name];

  /** Pictures that are normal around `mean` with deviation 0.5: their best denoiser is a formula. */
  const denoise = async (sample: Float32Array, sigma: number) => {
    const trust = 0.25 / (0.25 + sigma ** 2);
    return sample.map((value) => 3 + trust * (value - 3));
  };
  const start = (steps: number) => {
    const sigmas = sigmasFor({ schedule: 'karras', noise, steps, denoise: 1, discardsPenultimate });
    return { sigmas, sample: Float32Array.of(14, -9, 0.5) };
  };

  test.each([1, 2, 3, 12])('reports each of %d steps once and comes near the pictures', async (steps) => {
    const seen: number[] = [];
    const { sigmas, sample } = start(steps);
    const quiet = () => new Float32Array(3);
    const onStep = (step: number, reached: Float32Array, denoised: Float32Array) => {
      seen.push(step);
      expect([...reached, ...denoised].every(Number.isFinite)).toBe(true);
    };
    const end = await run({ denoise, sample, sigmas, noise: quiet, onStep });
    expect(seen).toEqual(Array.from({ length: steps }, (_, index) => index));
    expect(Math.max(...end.map((value) => Math.abs(value - 3)))).toBeLessThan(steps < 12 ? 10 : 2.5);
    expect([...sample], 'the start is not written to').toEqual([14, -9, 0.5]);
  });

  test('asks for noise only when it is said to, and never for the last step', async () => {
    const asked: number[] = [];
    const { sigmas, sample } = start(6);
    const spy = (_sigma: number, next: number) => {
      asked.push(next);
      return new Float32Array(3);
    };
    await run({ denoise, sample, sigmas, noise: spy, onStep: () => {} });
    expect(asked.length > 0).toBe(kind !== 'none');
    expect(asked.every((next) => next > 0)).toBe(true);
  });
});

describe('deterministic samplers', () => {
  const deterministic = samplerNames.filter((name) => samplers[name].noise === 'none');

  test.each(deterministic)('%s follows the exact path the closer the more steps it takes', async (name) => {
    const { run, discardsPenultimate = false } = samplers[name];
    const errorWith = async (steps: number) => {
      const sigmas = sigmasFor({ schedule: 'karras', noise, steps, denoise: 1, discardsPenultimate }).slice(0, -1);
      const denoise = async (sample: Float32Array, sigma: number) => sample.map((value) => value / (1 + sigma ** 2));
      const end = await run({
        denoise,
        sample: Float32Array.of(10),
        sigmas,
        noise: () => new Float32Array(1),
        onStep: () => {},
      });
      const [first = 0, last = 0] = [sigmas[0], sigmas.at(-1)];
      // Pictures of variance 1 around 0: the path is x·√((1+σ'²)/(1+σ²)).
      return Math.abs((end[0] ?? 0) - 10 * Math.sqrt((1 + last ** 2) / (1 + first ** 2)));
    };
    expect(await errorWith(80)).toBeLessThan((await errorWith(10)) * 0.75 + 1e-4);
    expect(await errorWith(80)).toBeLessThan(0.05);
  });
});

describe('the denoiser', () => {
  const create = (predict: PredictNoise, more: Partial<Parameters<typeof createDenoiser>[0]> = {}) =>
    createDenoiser({
      predict,
      prediction: 'epsilon',
      noise,
      dims: [1, 1, 1, 2],
      positive: { dims: [1, 77, 1], data: new Float32Array(77).fill(1) },
      negative: context,
      guidance: 3,
      signal: new AbortController().signal,
      ...more,
    });
  /** Rows give what their context says. */
  const contextual: PredictNoise = async (sample, dims, _timestep, { data }) => {
    const rows = dims[0] ?? 1;
    return sample.map((_, index) => data[Math.floor(index / (sample.length / rows)) * (data.length / rows)] ?? 0);
  };

  test('guides from the negative to the positive prediction in one batch', async () => {
    const denoised = await create(contextual)(Float32Array.of(1, 2), 2);
    expect([...denoised]).toEqual([1 - 2 * 3, 2 - 2 * 3]);
  });

  test('reads velocities', async () => {
    const denoised = await create(contextual, { prediction: 'v', guidance: 1 })(Float32Array.of(5, 10), 2);
    expect(denoised[0]).toBeCloseTo(5 / 5 - 2 / Math.sqrt(5), 6);
  });

  test('evaluates the positive prompt alone at guidance 1', async () => {
    const batches: number[] = [];
    const predict: PredictNoise = (sample, dims, timestep, from) => {
      batches.push(dims[0] ?? 0);
      return contextual(sample, dims, timestep, from);
    };
    expect([...(await create(predict, { guidance: 1 })(Float32Array.of(1, 2), 2))]).toEqual([-1, 0]);
    await create(predict)(Float32Array.of(1, 2), 2);
    expect(batches).toEqual([1, 2]);
  });

  test('gives the network the scaled sample and the nearest timestep', async () => {
    const seen: [number[], number][] = [];
    const predict: PredictNoise = async (sample, _dims, timestep) => {
      seen.push([[...sample], timestep]);
      return sample;
    };
    await create(predict, { guidance: 1 })(Float32Array.of(3, 6), noise.largest);
    const scale = 1 / Math.sqrt(noise.largest ** 2 + 1);
    expect(seen).toEqual([[[Math.fround(3 * scale), Math.fround(6 * scale)], 999]]);
  });

  test('values that are no numbers end the run', async () => {
    const broken: PredictNoise = async (sample) => sample.map(() => Number.NaN);
    await expect(create(broken)(Float32Array.of(1, 2), 2)).rejects.toThrow(NonFiniteError);
  });
});

describe('prompts of different lengths', () => {
  const tokens = (count: number, value: number): Tensor => ({
    dims: [1, count, 1],
    data: new Float32Array(count).fill(value),
  });

  test('are repeated to their least common multiple', () => {
    const [batch, ...others] = guidanceBatches({ positive: tokens(154, 1), negative: tokens(231, 2), guidance: 5 }, 1);
    expect(others).toEqual([]);
    expect(batch?.context.dims).toEqual([2, 462, 1]);
    expect([...(batch?.context.data ?? [])]).toEqual([...tokens(462, 2).data, ...tokens(462, 1).data]);
    expect(batch?.weights).toEqual([-4, 5]);
  });

  test('are evaluated apart where that would be far longer', () => {
    const batches = guidanceBatches({ positive: tokens(77 * 5, 1), negative: tokens(77 * 2, 2), guidance: 5 }, 2);
    expect(batches.map(({ context: { dims } }) => dims)).toEqual([
      [2, 154, 1],
      [2, 385, 1],
    ]);
    expect(batches.map(({ weights }) => weights)).toEqual([[-4], [5]]);
  });
});

describe('a run', () => {
  const options = (more: Partial<SampleOptions> = {}): SampleOptions => ({
    predict: async (sample) => sample.map((value) => value * 0.9),
    prediction: 'epsilon',
    noiseSchedule: sd1Training,
    latents: { dims: [1, 4, 2, 3], data: new Float32Array(24) },
    positive: context,
    negative: context,
    seed: 7n,
    steps: 6,
    guidance: 4,
    sampler: 'dpmpp_2m_sde',
    schedule: 'karras',
    denoise: 1,
    signal: new AbortController().signal,
    ...more,
  });

  test.each(samplerNames)('of %s depends on its seed and on nothing else', async (sampler) => {
    const [first, again, other] = await Promise.all([
      sampleLatents(options({ sampler })),
      sampleLatents(options({ sampler })),
      sampleLatents(options({ sampler, seed: 8n })),
    ]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.dims).toEqual([1, 4, 2, 3]);
  });

  test('reports its steps from 1 with the number there are', async () => {
    const reports: string[] = [];
    await sampleLatents(
      options({ steps: 3, onStep: ({ step, of, denoised }) => reports.push(`${step}/${of} ${denoised.length}`) }),
    );
    expect(reports).toEqual(['1/3 24', '2/3 24', '3/3 24']);
  });

  test.each(samplerNames)('of %s evaluates nothing more once stopped', async (sampler) => {
    const controller = new AbortController();
    let evaluations = 0;
    const predict: PredictNoise = async (sample) => {
      evaluations++;
      if (evaluations === 3) controller.abort(new Error('stopped'));
      return sample;
    };
    await expect(sampleLatents(options({ sampler, predict, signal: controller.signal }))).rejects.toThrow('stopped');
    expect(evaluations).toBe(3);
  });

  test('from a picture with little denoise stays near it', async () => {
    const latents = { dims: [1, 4, 2, 3], data: new Float32Array(24).fill(2) };
    const { data } = await sampleLatents(
      options({ latents, denoise: 0.05, predict: async (sample) => sample.map(() => 0) }),
    );
    expect(Math.max(...data.map((value) => Math.abs(value - 2)))).toBeLessThan(0.5);
  });
});
