import type { Tensor } from '../../models/contracts.ts';
import { compileDecoder, compileEncoder } from '../../models/diffusion/autoencoder.ts';
import { compileTextEncoder } from '../../models/diffusion/text-encoder.ts';
import { compileUnet } from '../../models/diffusion/unet.ts';
import type { Session, TypedTensor } from '../../models/session.ts';
import { largestDifference, outputOf } from '../support/networks.ts';
import type { Goldens } from './goldens.ts';
import type { ParityCase, ParityGroup } from './parity-case.ts';

const tolerance = 1e-5;

/** The networks one by one against diffusers and transformers. */
export const moduleGroups: readonly ParityGroup[] = [
  moduleGroup('tiny_unet', (goldens) => [unetCase(goldens, 'modules/tiny_unet', 'denoiser')]),
  moduleGroup('tiny_unet_odd', (goldens) => [unetCase(goldens, 'modules/tiny_unet_odd', 'denoiser, odd sides')]),
  moduleGroup('tiny_vae', (goldens) => [
    networkCase(goldens, 'autoencoder decodes', decoderOf, { latent: 'latent' }, 'image'),
    networkCase(goldens, 'autoencoder encodes', encoderOf, { image: 'enc_image' }, 'moments'),
  ]),
  moduleGroup('tiny_clip', (goldens) => [clipCase(goldens, 1, 'hidden_states'), clipCase(goldens, 2, 'skip2')]),
  // Weights of a LoRA are not merged by Aria yet.
  ...['tiny_unet_lora', 'tiny_unet_lora_conv'].map((name) => ({
    name: 'lora',
    file: `lora/${name}.safetensors`,
    cases: async () => [{ name, tolerance }],
  })),
];

function moduleGroup(name: string, cases: (goldens: Goldens) => ParityCase[]): ParityGroup {
  return { name: 'modules', file: `modules/${name}.safetensors`, cases: async (goldens) => cases(goldens) };
}

function unetCase(goldens: Goldens, file: string, name: string): ParityCase {
  const measure = async () => {
    const session = await goldens.session('tiny denoiser', async () => {
      const { unet } = await goldens.checkpoint('tiny');
      return compileUnet(unet.config, unet.weights, 'float32');
    });
    return compare(
      goldens,
      file,
      session,
      { sample: 'sample', timestep: 'timestep', context: 'encoder_hidden_states' },
      'out_sample',
    );
  };
  return { name, tolerance, measure };
}

async function decoderOf(goldens: Goldens) {
  const { autoencoder } = await goldens.checkpoint('tiny');
  return compileDecoder(autoencoder.config, autoencoder.weights, 'float32');
}

async function encoderOf(goldens: Goldens) {
  const { autoencoder } = await goldens.checkpoint('tiny');
  return compileEncoder(autoencoder.config, autoencoder.weights, 'float32');
}

function networkCase(
  goldens: Goldens,
  name: string,
  compile: typeof decoderOf,
  inputs: Readonly<Record<string, string>>,
  output: string,
): ParityCase {
  const measure = async () =>
    compare(goldens, 'modules/tiny_vae', await goldens.session(name, () => compile(goldens)), inputs, output);
  return { name, tolerance, measure };
}

function clipCase(goldens: Goldens, clipSkip: number, output: string): ParityCase {
  const measure = async () => {
    const session = await goldens.session(`tiny text encoder ${clipSkip}`, async () => {
      const { textEncoder } = await goldens.checkpoint('tiny');
      return compileTextEncoder(textEncoder.config, textEncoder.weights, { clipSkip, compute: 'float32' });
    });
    const { dims, data } = await goldens.tensor('modules/tiny_clip', 'input_ids');
    const hidden = await outputOf(session, { input_ids: { type: 'int32', dims, data: Int32Array.from(data) } });
    return largestDifference(hidden.data, (await goldens.tensor('modules/tiny_clip', output)).data);
  };
  return { name: `text encoder, clip skip ${clipSkip}`, tolerance, measure };
}

async function compare(
  goldens: Goldens,
  file: string,
  session: Session,
  inputs: Readonly<Record<string, string>>,
  output: string,
): Promise<number> {
  const float = ({ dims, data }: Tensor): TypedTensor => ({ type: 'float32', dims, data });
  const values = await Promise.all(
    Object.entries(inputs).map(async ([input, tensor]) => [input, float(await goldens.tensor(file, tensor))] as const),
  );
  const actual = await outputOf(session, Object.fromEntries(values));
  return largestDifference(actual.data, (await goldens.tensor(file, output)).data);
}
