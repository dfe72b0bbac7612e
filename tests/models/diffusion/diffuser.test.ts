import { expect, test } from 'vitest';
import type { Pixels } from '../../../models/contracts.ts';
import { goldenRequest, openTestDiffuser, quietWork } from '../../support/diffusers.ts';
import { goldenTensors, largestDifference } from '../../support/networks.ts';

const prompts = { positive: 'a photo of the red cat in the forest', negative: 'bad, ugly' };

test.each(['normal', 'karras'] as const)('text becomes the picture of diffusers and ComfyUI (%s)', async (schedule) => {
  const tensor = await goldenTensors('picture.safetensors');
  await using diffuser = await openTestDiffuser();
  const encode = (text: string) => diffuser.encodeText(text, { ...quietWork(), clipSkip: 1 });
  const positive = await encode(prompts.positive);
  const negative = await encode(prompts.negative);
  expect(largestDifference(positive.hidden.data, tensor('cond').data)).toBeLessThan(1e-4);
  expect(largestDifference(negative.hidden.data, tensor('uncond').data)).toBeLessThan(1e-4);

  const latents = await diffuser.sample({ ...goldenRequest, schedule, positive, negative }, quietWork());
  expect(largestDifference(latents.data, tensor(`case/${schedule}/latent`).data)).toBeLessThan(2e-3);

  const { pixels, uniform } = await diffuser.decode(latents, quietWork());
  expect(uniform).toBe(false);
  const expected = toPixels(tensor(`case/${schedule}/image01`));
  expect(pixels).toMatchObject({ width: 32, height: 32, channels: 3 });
  const differences = pixels.data.map((value, index) => Math.abs(value - (expected.data[index] ?? 0)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  expect(differences.filter((difference) => difference > 0).length).toBeLessThan(0.005 * pixels.data.length);
});

test('a picture is encoded to the scaled mean of its latents', async () => {
  const tensor = await goldenTensors('picture.safetensors');
  const { dims, data } = tensor('case/vae_encode/image');
  const pixels = toPixels({ dims, data: data.map((value) => value / 2 + 0.5) });
  await using diffuser = await openTestDiffuser();
  const latents = await diffuser.encodeImage(pixels, quietWork());
  const expected = tensor('case/vae_encode/mean');
  expect(latents.dims).toEqual(expected.dims);
  // Eight bits move a colour by up to 1/255 and a latent by little more.
  const scaled = expected.data.map((mean) => mean * 0.18215);
  expect(largestDifference(latents.data, scaled)).toBeLessThan(0.02 * 0.18215);
});

/** Planes from 0 to 1 as interleaved bytes. */
function toPixels({ dims, data }: { dims: readonly number[]; data: Float32Array }): Pixels {
  const [, , height = 0, width = 0] = dims;
  const plane = width * height;
  const at = (index: number) => data[(index % 3) * plane + Math.floor(index / 3)] ?? 0;
  return {
    width,
    height,
    channels: 3,
    data: Uint8Array.from({ length: plane * 3 }, (_, i) => Math.round(at(i) * 255)),
  };
}
