import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileDecoder, compileEncoder } from '../../../models/diffusion/autoencoder.ts';
import { type Checkpoint, readCheckpoint } from '../../../models/diffusion/checkpoint.ts';
import { compileTextEncoder } from '../../../models/diffusion/text-encoder.ts';
import { compileUnet } from '../../../models/diffusion/unet.ts';
import type { CompiledNetwork } from '../../../models/weights/graph-builder.ts';
import type { WeightSource } from '../../../models/weights/weight-source.ts';
import { rounded, tinySingleFile } from '../../support/checkpoints.ts';
import { golden, goldenTensors, largestDifference, openNetwork, outputOf } from '../../support/networks.ts';
import { writeSafetensors } from '../../support/safetensors.ts';

let folder: string;
let tiny: Checkpoint;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'single-file-parity-'));
  tiny = await readCheckpoint(golden('sd-tiny'));
});
afterAll(() => rm(folder, { recursive: true }));

// The tiny goldens have 4 heads where a single file of 1.x always has 8, so configs come from the folder and weights from the file.
test('the tiny networks give the goldens from a single file', async () => {
  const file = path.join(folder, 'tiny.safetensors');
  await writeSafetensors(file, await tinySingleFile());
  const { unet, autoencoder, textEncoder } = await readCheckpoint(file);
  const { block_out_channels, layers_per_block, down_block_types, up_block_types } = tiny.unet.config;
  expect(unet.config).toMatchObject({ block_out_channels, layers_per_block, down_block_types, up_block_types });
  // The file leaves out what the folder states to be absent.
  const absent = { shift_factor: null, latents_mean: null, latents_std: null };
  expect({ ...absent, ...autoencoder.config }).toEqual(tiny.autoencoder.config);

  const unetTensor = await goldenTensors('modules/tiny_unet.safetensors');
  const [sample, timestep, context] = [
    unetTensor('sample'),
    unetTensor('timestep'),
    unetTensor('encoder_hidden_states'),
  ];
  const denoised = await resultOf(compileUnet(tiny.unet.config, unet.weights, 'float32'), {
    sample,
    timestep,
    context,
  });
  expect(largestDifference(denoised, unetTensor('out_sample').data)).toBeLessThan(1e-5);

  const picture = await goldenTensors('modules/tiny_vae.safetensors');
  const decoded = compileDecoder(autoencoder.config, autoencoder.weights, 'float32');
  expect(largestDifference(await resultOf(decoded, { latent: picture('latent') }), picture('image').data)).toBeLessThan(
    1e-5,
  );
  const encoded = compileEncoder(autoencoder.config, autoencoder.weights, 'float32');
  const moments = await resultOf(encoded, { image: picture('enc_image') });
  expect(largestDifference(moments, picture('moments').data)).toBeLessThan(1e-5);

  const text = await goldenTensors('modules/tiny_clip.safetensors');
  const hidden = await encodedText(textEncoder.weights, tiny.textEncoder.config);
  expect(largestDifference(hidden, text('hidden_states').data)).toBeLessThan(1e-5);
});

test('OpenCLIP’s joined matrices give what separate ones give', async () => {
  const tensors = await tinySingleFile('open-clip');
  const file = path.join(folder, 'open-clip.safetensors');
  // Two tiny levels are too narrow for heads of 64 channels, so the denoiser of this file is widened without being used.
  const hollowUnet = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      if (!name.startsWith('model.')) return [name, tensor];
      const shape = tensor.shape.map((size) => (size === 32 ? 64 : size));
      return [name, { ...tensor, shape, bytes: new Uint8Array(shape.reduce((product, size) => product * size, 4)) }];
    }),
  );
  await writeSafetensors(file, hollowUnet);
  const { textEncoder, family } = await readCheckpoint(file);
  expect(family).toBe('sd2');
  const text = await goldenTensors('modules/tiny_clip.safetensors');
  const hidden = await encodedText(textEncoder.weights, tiny.textEncoder.config);
  expect(largestDifference(hidden, text('hidden_states').data)).toBeLessThan(1e-5);
});

test.each(['F16', 'BF16'] as const)('weights stored as %s compute as their exact values do', async (dtype) => {
  const tensors = Object.entries(await tinySingleFile());
  const short = path.join(folder, `${dtype}.safetensors`);
  const exact = path.join(folder, `${dtype}-exact.safetensors`);
  await writeSafetensors(
    short,
    Object.fromEntries(tensors.map(([name, tensor]) => [name, rounded(tensor, dtype).short])),
  );
  await writeSafetensors(
    exact,
    Object.fromEntries(tensors.map(([name, tensor]) => [name, rounded(tensor, dtype).exact])),
  );
  const unetTensor = await goldenTensors('modules/tiny_unet.safetensors');
  const [sample, timestep, context] = [
    unetTensor('sample'),
    unetTensor('timestep'),
    unetTensor('encoder_hidden_states'),
  ];
  const outputs: Float32Array[] = [];
  for (const file of [short, exact]) {
    const { unet } = await readCheckpoint(file);
    outputs.push(await resultOf(compileUnet(tiny.unet.config, unet.weights, 'float32'), { sample, timestep, context }));
  }
  const [fromShort = new Float32Array(), fromExact = new Float32Array()] = outputs;
  expect(largestDifference(fromShort, fromExact)).toBeLessThan(5e-6);
  expect(largestDifference(fromShort, unetTensor('out_sample').data)).toBeGreaterThan(1e-5);
});

async function resultOf(network: CompiledNetwork, inputs: Parameters<typeof outputOf>[1]): Promise<Float32Array> {
  await using session = await openNetwork(network);
  return (await outputOf(session, inputs)).data;
}

async function encodedText(weights: WeightSource, config: Checkpoint['textEncoder']['config']): Promise<Float32Array> {
  const { dims, data } = (await goldenTensors('modules/tiny_clip.safetensors'))('input_ids');
  const network = compileTextEncoder(config, weights, { clipSkip: 1, compute: 'float32' });
  return resultOf(network, { input_ids: { type: 'int32', dims, data: Int32Array.from(data) } });
}
