import { beforeAll, expect, test } from 'vitest';
import { type Checkpoint, readCheckpoint } from '../../../models/diffusion/checkpoint.ts';
import { compileUnet } from '../../../models/diffusion/unet.ts';
import { golden, goldenTensors, largestDifference, openNetwork, outputOf } from '../../support/networks.ts';

let tiny: Checkpoint;
beforeAll(async () => {
  tiny = await readCheckpoint(golden('sd-tiny'));
});

// diffusers against this compiler at full size differ by 2.5e-6; values reach ±1.6.
const tolerance = 1e-5;

test.each(['tiny_unet', 'tiny_unet_odd'])('the denoiser agrees with diffusers on %s', async (name) => {
  const tensor = await goldenTensors(`modules/${name}.safetensors`);
  await using session = await openNetwork(compileUnet(tiny.unet.config, tiny.unet.weights, 'float32'));
  const output = await outputOf(session, {
    sample: tensor('sample'),
    timestep: tensor('timestep'),
    context: tensor('encoder_hidden_states'),
  });
  expect(output.dims).toEqual(tensor('out_sample').dims);
  expect(largestDifference(output.data, tensor('out_sample').data)).toBeLessThan(tolerance);
});

test('the denoiser in half precision stays near full precision', async () => {
  const tensor = await goldenTensors('modules/tiny_unet.safetensors');
  await using session = await openNetwork(compileUnet(tiny.unet.config, tiny.unet.weights, 'float16'));
  const output = await outputOf(session, {
    sample: tensor('sample'),
    timestep: tensor('timestep'),
    context: tensor('encoder_hidden_states'),
  });
  expect(largestDifference(output.data, tensor('out_sample').data)).toBeLessThan(2e-2);
});
