import * as z from 'zod';
import { type SamplerName, samplerNames, type Tensor } from '../../models/contracts.ts';
import { createDenoiser, type PredictNoise } from '../../models/diffusion/denoiser.ts';
import { TorchGenerator } from '../../models/diffusion/noise/torch-generator.ts';
import { NoiseSchedule } from '../../models/diffusion/noise-schedule.ts';
import { sampleLatents, startOf, stepNoise } from '../../models/diffusion/sample.ts';
import { samplers } from '../../models/diffusion/samplers/catalog.ts';
import { largestDifference } from '../support/networks.ts';
import { type Goldens, reference } from './goldens.ts';
import type { ParityCase, ParityGroup } from './parity-case.ts';
import { scheduleNamed, sd1Training } from './schedules.ts';

const tolerance = 2e-3;
/** Two timesteps are equally near, and one unit in the last place decides: a wrong choice costs a few hundredths. */
const tieTolerance = 0.05;
const brownianTolerance = 1e-6;

/** ComfyUI's versions of these report the sample they began with after every step, so only the end can be compared. */
const reportsItsStart = new Set(['deis', 'ipndm', 'ipndm_v']);

const drawSchema = z.object({
  kind: z.enum(['randn', 'brownian']),
  sigma: z.number(),
  sigma_next: z.number(),
  tensor: z.string(),
});
const caseSchema = z.object({
  sampler: z.string(),
  scheduler: z.string(),
  seed: z.int(),
  cfg: z.number(),
  steps: z.int(),
  sigmas: z.array(z.number()),
  denoise: z.number().default(1),
  latent: z.string().optional(),
  mask: z.string().optional(),
  prediction: z.enum(['eps', 'v']).optional(),
  zsnr: z.boolean().default(false),
  final: reference,
  step_latents: reference.optional(),
  noise_draws: z.array(drawSchema).default([]),
  evals: z.array(z.object({ sigma: z.number(), timestep: z.int() })),
  min_timestep_margin: z.number().default(1),
});
const fileSchema = z.object({
  model: z.string(),
  latent_shape: z.array(z.int()),
  cases: z.record(z.string(), caseSchema),
});
type RecordedFile = z.output<typeof fileSchema>;
type RecordedRun = z.output<typeof caseSchema>;

/** Every sampler: replayed with the recorded draws, its own draws, and the whole way from seed and names. */
export const samplerGroup: ParityGroup = groupOf('samplers');
/** Pictures as starts, other readings of the network, no guidance. */
export const variantGroup: ParityGroup = groupOf('variants');

function groupOf(name: string): ParityGroup {
  const cases = async (goldens: Goldens) => {
    const file = await goldens.json(`${name}.json`, fileSchema);
    return Object.entries(file.cases).flatMap(([key, recorded]) =>
      casesOf({ goldens, group: name, file, key, recorded }),
    );
  };
  return { name, file: `${name}.json`, cases };
}

interface Place {
  readonly goldens: Goldens;
  readonly group: string;
  readonly file: RecordedFile;
  readonly key: string;
  readonly recorded: RecordedRun;
}

function casesOf(place: Place): ParityCase[] {
  const { key, recorded } = place;
  const sampler = samplerNames.find((known) => known === recorded.sampler);
  if (sampler === undefined || recorded.mask !== undefined) return [{ name: key, tolerance }];
  // Newer versions of ComfyUI seed the noise of steps with the number after the run's.
  const isSeedShifted = key.endsWith('stepseedplus1');
  const seed = BigInt(recorded.seed) + (isSeedShifted ? 1n : 0n);
  return [
    { name: key, tolerance, measure: () => replay(place, sampler) },
    ...(['randn', 'brownian'] as const).flatMap((kind) => drawCase(place, kind, seed)),
    ...(isSeedShifted ? [] : wholeCase(place, sampler)),
  ];
}

async function start({ goldens, group, file, recorded }: Place) {
  const [noise, positive, negative, picture] = await Promise.all([
    goldens.tensor(group, 'noise'),
    goldens.tensor(group, 'cond'),
    goldens.tensor(group, 'uncond'),
    recorded.latent === undefined ? undefined : goldens.tensor(group, recorded.latent),
  ]);
  const latents: Tensor = picture ?? { dims: file.latent_shape, data: new Float32Array(noise.data.length) };
  const prediction = recorded.prediction === 'v' ? 'v' : 'epsilon';
  const training = { ...sd1Training, zeroTerminalSnr: recorded.zsnr };
  return { noise, positive, negative, latents, prediction, training } as const;
}

/** The sampler alone: recorded levels, start and draws; the sample after every step, and each timestep asked for. */
async function replay(place: Place, sampler: SamplerName): Promise<number> {
  const { goldens, group, file, recorded } = place;
  const { noise, positive, negative, latents, prediction, training } = await start(place);
  const schedule = new NoiseSchedule(training);
  const sigmas = Float32Array.from(recorded.sigmas);
  const reached: Float32Array[] = [];
  const timesteps: number[] = [];
  const final = await samplers[sampler].run({
    denoise: createDenoiser({
      predict: watched(await goldens.denoiser(file.model), timesteps),
      prediction,
      noise: schedule,
      dims: latents.dims,
      positive,
      negative,
      guidance: recorded.cfg,
      signal: new AbortController().signal,
    }),
    sample: startOf(latents, noise.data, sigmas, schedule),
    sigmas,
    noise: await replayedDraws(place),
    onStep: (_step, sample) => reached.push(sample),
  });
  const asked = recorded.evals.map(({ timestep }) => timestep);
  if (timesteps.join() !== asked.join())
    throw new Error(`Expected timesteps ${asked.join()} but received ${timesteps.join()}`);
  const last = (await goldens.tensor(group, recorded.final.tensor)).data;
  if (recorded.step_latents === undefined || reportsItsStart.has(recorded.sampler))
    return largestDifference(final, last);
  const steps = (await goldens.tensor(group, recorded.step_latents.tensor)).data;
  const between = Float32Array.from(reached.slice(0, -1).flatMap((sample) => [...sample]));
  return Math.max(largestDifference(between, steps), largestDifference(final, last));
}

function watched(predict: PredictNoise, timesteps: number[]): PredictNoise {
  return (sample, dims, timestep, context) => {
    timesteps.push(timestep);
    return predict(sample, dims, timestep, context);
  };
}

/** The recorded draws in the order of the calls; a call for other levels than recorded is an error. */
async function replayedDraws({ goldens, group, recorded }: Place) {
  const draws = await Promise.all(
    recorded.noise_draws.map(async (draw) => ({ ...draw, data: (await goldens.tensor(group, draw.tensor)).data })),
  );
  return (sigma: number, next: number) => {
    const draw = draws.shift();
    const isAsRecorded = draw !== undefined && isNear(sigma, draw.sigma) && isNear(next, draw.sigma_next);
    if (!isAsRecorded) {
      throw new Error(
        `Expected noise for ${draw?.sigma} to ${draw?.sigma_next} but it was asked for ${sigma} to ${next}`,
      );
    }
    return draw.data;
  };
}

function isNear(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= 1e-6 * Math.abs(expected);
}

/** The recorded draws of one kind, drawn anew. */
function drawCase(place: Place, kind: 'randn' | 'brownian', seed: bigint): ParityCase[] {
  const { goldens, group, key, recorded } = place;
  const draws = recorded.noise_draws.filter((draw) => draw.kind === kind);
  if (draws.length === 0) return [];
  const measure = async () => {
    const { data: initial } = await goldens.tensor(group, 'noise');
    const own = stepNoise(kind === 'randn' ? 'normal' : kind, seed, initial.length, Float32Array.from(recorded.sigmas));
    const errors: number[] = [
      largestDifference(new TorchGenerator(BigInt(recorded.seed)).normal(initial.length), initial),
    ];
    for (const { sigma, sigma_next, tensor } of draws) {
      errors.push(largestDifference(own(sigma, sigma_next), (await goldens.tensor(group, tensor)).data));
    }
    return Math.max(...errors);
  };
  return [{ name: `${key}, draws`, tolerance: kind === 'randn' ? 0 : brownianTolerance, measure }];
}

/** What a person does: a seed, names and numbers in, latents out. */
function wholeCase(place: Place, sampler: SamplerName): ParityCase[] {
  const { goldens, group, file, key, recorded } = place;
  const schedule = scheduleNamed(recorded.scheduler);
  if (schedule === undefined) return [];
  const measure = async () => {
    const { noise: _recordedNoise, training, ...from } = await start(place);
    const { data } = await sampleLatents({
      ...from,
      predict: await goldens.denoiser(file.model),
      noiseSchedule: training,
      seed: BigInt(recorded.seed),
      steps: recorded.steps,
      guidance: recorded.cfg,
      sampler,
      schedule,
      denoise: recorded.denoise,
      signal: new AbortController().signal,
    });
    return largestDifference(data, (await goldens.tensor(group, recorded.final.tensor)).data);
  };
  const allowed = recorded.min_timestep_margin < 1e-4 ? tieTolerance : tolerance;
  return [{ name: `${key}, from the seed`, tolerance: allowed, measure }];
}
