import { beforeAll, expect, test } from 'vitest';
import { compileDecoder, compileEncoder, downscaleOf } from '../../../models/diffusion/autoencoder.ts';
import { type Checkpoint, readCheckpoint } from '../../../models/diffusion/checkpoint.ts';
import { golden, goldenTensors, largestDifference, openNetwork, outputOf } from '../../support/networks.ts';

let autoencoder: Checkpoint['autoencoder'];
beforeAll(async () => {
  ({ autoencoder } = await readCheckpoint(golden('sd-tiny')));
});

test('the decoder agrees with diffusers', async () => {
  const tensor = await goldenTensors('modules/tiny_vae.safetensors');
  await using session = await openNetwork(compileDecoder(autoencoder.config, autoencoder.weights, 'float32'));
  const output = await outputOf(session, { latent: tensor('latent') });
  expect(output.dims).toEqual(tensor('image').dims);
  expect(largestDifference(output.data, tensor('image').data)).toBeLessThan(1e-5);
});

test('the encoder agrees with diffusers', async () => {
  const tensor = await goldenTensors('modules/tiny_vae.safetensors');
  await using session = await openNetwork(compileEncoder(autoencoder.config, autoencoder.weights, 'float32'));
  const output = await outputOf(session, { image: tensor('enc_image') });
  expect(output.dims).toEqual(tensor('moments').dims);
  expect(largestDifference(output.data, tensor('moments').data)).toBeLessThan(1e-5);
});

test('every level but the last halves the picture', () => {
  expect(downscaleOf(autoencoder.config)).toBe(2);
  expect(downscaleOf({ ...autoencoder.config, block_out_channels: [128, 256, 512, 512] })).toBe(8);
});
