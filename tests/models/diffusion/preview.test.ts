import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pixels } from '../../../models/contracts.ts';
import {
  fitPreview,
  hasStableDiffusionLatents,
  previewOf,
  stableDiffusionFactors,
} from '../../../models/diffusion/preview.ts';
import { bundled, openTestDiffuser, quietWork } from '../../support/diffusers.ts';

test('Stable Diffusion’s latents are read with ComfyUI’s factors', () => {
  const latents = { dims: [1, 4, 1, 2], data: new Float32Array([1, 0, 0, 0, 0, 1, 0, 5]) };
  const preview = previewOf(latents, stableDiffusionFactors);
  expect(preview).toMatchObject({ width: 2, height: 1, channels: 3 });
  // (0.3512 + 1) · 127.5 and so on; then −0.2829 − 5 · 0.212 and so on, cut at 0.
  expect([...preview.data]).toEqual([172, 157, 169, 0, 0, 0]);
});

test('only an autoencoder shaped and scaled like Stable Diffusion’s is taken for one', () => {
  const own = {
    in_channels: 3,
    out_channels: 3,
    latent_channels: 4,
    block_out_channels: [128, 256, 512, 512],
    layers_per_block: 2,
    norm_num_groups: 32,
    scaling_factor: 0.18215,
    use_quant_conv: true,
    use_post_quant_conv: true,
    mid_block_add_attention: true,
    act_fn: 'silu',
  } as const;
  const config = { ...own, block_out_channels: [...own.block_out_channels] };
  expect(hasStableDiffusionLatents(config)).toBe(true);
  expect(hasStableDiffusionLatents({ ...config, scaling_factor: 0.58 })).toBe(false);
  expect(hasStableDiffusionLatents({ ...config, block_out_channels: [16, 16, 32, 64] })).toBe(false);
});

test('a fit finds the factors that made the colours, products of channels included', () => {
  const side = 64;
  const truth = (a: number, b: number) => [0.1 + 0.5 * a, -0.2 + 0.3 * b, 0.1 + 0.4 * a * b];
  const values = fc.sample(fc.double({ min: -4, max: 4, noNaN: true }), { numRuns: 2 * side * side, seed: 7 });
  const latents = { dims: [1, 2, side, side], data: Float32Array.from(values) };
  const plane = side * side;
  const image = new Float32Array(3 * 4 * plane);
  for (let pixel = 0; pixel < plane; pixel++) {
    const colours = truth(latents.data[pixel] ?? 0, latents.data[plane + pixel] ?? 0);
    // Four pixels for one latent, of which only the mean is the colour.
    for (const [colour, value] of colours.entries()) {
      const corner = colour * 4 * plane + Math.floor(pixel / side) * 4 * side + (pixel % side) * 2;
      for (const [offset, change] of [
        [0, 0.5],
        [1, -0.5],
        [2 * side, 0.25],
        [2 * side + 1, -0.25],
      ] as const) {
        image[corner + offset] = value + change;
      }
    }
  }
  const [constant, first, second, , product] = fitPreview(latents, { dims: [1, 3, 2 * side, 2 * side], data: image });
  expectNear(constant, [0.1, -0.2, 0.1]);
  expectNear(first, [0.5, 0, 0]);
  expectNear(second, [0, 0.3, 0]);
  expectNear(product, [0, 0, 0.4]);
});

function expectNear(row: readonly number[] | undefined, expected: readonly number[]): void {
  for (const [colour, value] of expected.entries()) expect(Math.abs((row?.[colour] ?? 9) - value)).toBeLessThan(0.02);
}

test('previews of the bundled model have the colours of its pictures', async () => {
  await using diffuser = await openTestDiffuser(bundled.portraits);
  const encode = (text: string) => diffuser.encodeText(text, { ...quietWork(), clipSkip: 1 });
  const previews: Pixels[] = [];
  const request = { seed: 1n, steps: 6, guidance: 4, sampler: 'euler', schedule: 'normal', denoise: 1 } as const;
  const latents = await diffuser.sample(
    {
      ...request,
      positive: await encode('a man in a white shirt, red background'),
      negative: await encode(''),
      latents: { dims: [1, 4, 16, 16], data: new Float32Array(1024) },
    },
    { ...quietWork(), onStep: ({ preview }) => previews.push(preview()) },
  );
  const { pixels } = await diffuser.decode(latents, quietWork());
  expect(previews.map(({ width, height }) => [width, height])).toEqual(Array(6).fill([16, 16]));
  const errors = previews.map((preview) => meanDifference(preview, shrunk(pixels, 8)));
  const last = errors.at(-1) ?? Number.POSITIVE_INFINITY;
  expect(last).toBeLessThan(35);
  expect(last, 'previews approach the picture').toBeLessThan(errors[0] ?? 0);
});

/** The mean of each square of pixels. */
function shrunk({ width, height, data }: Pixels, square: number): Pixels {
  const size = { width: width / square, height: height / square };
  const sums = new Float64Array(size.width * size.height * 3);
  for (const [index, value] of data.entries()) {
    const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
    const target = (Math.floor(y / square) * size.width + Math.floor(x / square)) * 3 + (index % 3);
    sums[target] = (sums[target] ?? 0) + value / square ** 2;
  }
  return { ...size, channels: 3, data: Uint8Array.from(sums, Math.round) };
}

function meanDifference(a: Pixels, b: Pixels): number {
  return a.data.reduce((sum, value, index) => sum + Math.abs(value - (b.data[index] ?? 0)), 0) / a.data.length;
}
