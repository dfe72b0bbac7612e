import * as z from 'zod';
import { samplerNames } from '../../models/contracts.ts';
import { compileDecoder, compileEncoder } from '../../models/diffusion/autoencoder.ts';
import { encodePrompt } from '../../models/diffusion/prompt.ts';
import { sampleLatents } from '../../models/diffusion/sample.ts';
import { compileTextEncoder } from '../../models/diffusion/text-encoder.ts';
import { loadTokenizer } from '../../models/diffusion/tokenizer.ts';
import { largestDifference, outputOf } from '../support/networks.ts';
import { type Goldens, reference } from './goldens.ts';
import type { ParityCase, ParityGroup } from './parity-case.ts';
import { scheduleNamed } from './schedules.ts';

const pictureSchema = z.object({
  sampler: z.string(),
  scheduler: z.string(),
  steps: z.int(),
  cfg: z.number(),
  seed: z.int(),
  prompt: z.string(),
  negative: z.string(),
  latent: reference,
  image: reference,
});
const fileSchema = z.object({ model: z.string(), cases: z.record(z.string(), z.unknown()) });
type RecordedPicture = z.output<typeof pictureSchema>;

/** From two sentences and a seed to the values of a picture, through all three networks. */
export const pictureGroup: ParityGroup = {
  name: 'picture',
  file: 'picture.json',
  cases: async (goldens) => {
    const { model, cases } = await goldens.json('picture.json', fileSchema);
    const pictures = Object.entries(cases).flatMap(([name, recorded]) => {
      const parsed = pictureSchema.safeParse(recorded);
      return parsed.success ? pictureCases(goldens, model, name, parsed.data) : [];
    });
    return [...pictures, ...autoencoderCases(goldens, model, Object.keys(cases))];
  },
};

function pictureCases(goldens: Goldens, model: string, name: string, recorded: RecordedPicture): ParityCase[] {
  const painting: { made?: Promise<Painting> } = {};
  const paintOnce = () => {
    painting.made ??= paint(goldens, model, recorded);
    return painting.made;
  };
  const expected = async ({ tensor }: { tensor: string }) => (await goldens.tensor('picture', tensor)).data;
  return [
    {
      name: `${name}, latents`,
      tolerance: 2e-3,
      measure: async () => largestDifference((await paintOnce()).latents, await expected(recorded.latent)),
    },
    {
      name: `${name}, image`,
      tolerance: 1e-4,
      measure: async () => largestDifference((await paintOnce()).image, await expected(recorded.image)),
    },
  ];
}

interface Painting {
  readonly latents: Float32Array;
  readonly image: Float32Array;
}

async function paint(goldens: Goldens, model: string, recorded: RecordedPicture): Promise<Painting> {
  const { autoencoder, prediction, training } = await goldens.checkpoint(model);
  const [sampler, schedule] = [
    samplerNames.find((known) => known === recorded.sampler),
    scheduleNamed(recorded.scheduler),
  ];
  if (sampler === undefined || schedule === undefined)
    throw new Error(`${recorded.sampler} ${recorded.scheduler} is not built`);
  const { signal } = new AbortController();
  const { dims } = await goldens.tensor('picture', recorded.latent.tensor);
  const latents = await sampleLatents({
    predict: await goldens.denoiser(model),
    prediction: prediction ?? 'epsilon',
    noiseSchedule: training,
    latents: { dims, data: new Float32Array(dims.reduce((product, side) => product * side, 1)) },
    positive: await encode(goldens, model, recorded.prompt),
    negative: await encode(goldens, model, recorded.negative),
    seed: BigInt(recorded.seed),
    steps: recorded.steps,
    guidance: recorded.cfg,
    sampler,
    schedule,
    denoise: 1,
    signal,
  });
  const scale = autoencoder.config.scaling_factor;
  const image = await decode(goldens, model, { dims, data: latents.data.map((value) => value / scale) });
  return { latents: latents.data, image: image.data };
}

async function encode(goldens: Goldens, model: string, text: string) {
  const tokenizer = await loadTokenizer(goldens.path(`sd-${model}/tokenizer`));
  const session = await goldens.session(`${model} text encoder 1`, async () => {
    const { textEncoder } = await goldens.checkpoint(model);
    return compileTextEncoder(textEncoder.config, textEncoder.weights, { clipSkip: 1, compute: 'float32' });
  });
  const { hidden } = await encodePrompt({
    tokenizer,
    encodeTokens: (ids, rows) =>
      outputOf(session, { input_ids: { type: 'int32', dims: [rows, tokenizer.length], data: ids } }),
    text,
    signal: new AbortController().signal,
  });
  return hidden;
}

async function decode(goldens: Goldens, model: string, latent: { dims: readonly number[]; data: Float32Array }) {
  const session = await goldens.session('autoencoder decodes', async () => {
    const { autoencoder } = await goldens.checkpoint(model);
    return compileDecoder(autoencoder.config, autoencoder.weights, 'float32');
  });
  return outputOf(session, { latent: { type: 'float32', ...latent } });
}

function autoencoderCases(goldens: Goldens, model: string, names: readonly string[]): ParityCase[] {
  const tensor = (name: string) => goldens.tensor('picture', `case/${name}`);
  const cases: ParityCase[] = [
    {
      name: 'vae_decode',
      tolerance: 1e-4,
      measure: async () => {
        const image = await decode(goldens, model, await tensor('vae_decode/latent'));
        return largestDifference(image.data, (await tensor('vae_decode/image')).data);
      },
    },
    {
      name: 'vae_encode',
      tolerance: 1e-4,
      measure: async () => {
        const session = await goldens.session('autoencoder encodes', async () => {
          const { autoencoder } = await goldens.checkpoint(model);
          return compileEncoder(autoencoder.config, autoencoder.weights, 'float32');
        });
        const moments = await outputOf(session, { image: { type: 'float32', ...(await tensor('vae_encode/image')) } });
        const expected = [...(await tensor('vae_encode/mean')).data, ...(await tensor('vae_encode/logvar')).data];
        return largestDifference(moments.data, Float32Array.from(expected));
      },
    },
  ];
  return cases.filter(({ name }) => names.includes(name));
}
