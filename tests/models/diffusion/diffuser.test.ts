import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Diffuser, Latents, Pixels, SampleRequest, StepReport } from '../../../models/contracts.ts';
import { ModelError, NonFiniteError } from '../../../models/errors.ts';
import { stableDiffusion2Shapes, storedTensors, writeHollowCheckpoint } from '../../support/checkpoints.ts';
import { goldenRequest, openTestDiffuser, quietWork } from '../../support/diffusers.ts';
import { golden, goldenTensors, largestDifference } from '../../support/networks.ts';
import { writeSafetensors } from '../../support/safetensors.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'diffuser-'));
});
afterAll(() => rm(home, { recursive: true }));

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

test('a checkpoint that does not say what it predicts must be told', async () => {
  const file = path.join(home, 'sd2.safetensors');
  await writeHollowCheckpoint(file, await stableDiffusion2Shapes());
  await expect(openTestDiffuser(file)).rejects.toThrow(
    'Nothing in sd2.safetensors tells whether it predicts noise or velocity',
  );
  await using diffuser = await openTestDiffuser(file, { prediction: 'v' });
  expect(diffuser).toMatchObject({ downscale: 8, latentChannels: 4 });
});

test('the prediction that is asked for overrides that of the checkpoint', async () => {
  const noise = await sampled(await openTestDiffuser());
  const velocity = await sampled(await openTestDiffuser(golden('sd-tiny'), { prediction: 'v' }));
  expect(largestDifference(noise.data, velocity.data)).toBeGreaterThan(0.1);
});

test('clip skip changes the encoding, and going back gives the first again', async () => {
  await using diffuser = await openTestDiffuser();
  const encode = (clipSkip: number) => diffuser.encodeText(prompts.positive, { ...quietWork(), clipSkip });
  const [last, earlier, again] = [await encode(1), await encode(2), await encode(1)];
  expect(largestDifference(last.hidden.data, earlier.hidden.data)).toBeGreaterThan(0.01);
  expect(again).toEqual(last);
});

test('every step is reported with progress that ends at 1', async () => {
  await using diffuser = await openTestDiffuser();
  const steps: [number, number][] = [];
  const fractions: number[] = [];
  const progress = (fraction: number) => fractions.push(fraction);
  const onStep = ({ step, of }: StepReport) => steps.push([step, of]);
  await diffuser.sample(await goldenConditions(diffuser), { ...quietWork(), progress, onStep });
  expect(steps).toEqual(Array.from({ length: 8 }, (_, index) => [index + 1, 8]));
  expect(fractions).toEqual(Array.from({ length: 8 }, (_, index) => (index + 1) / 8));
});

test('a stopped run ends within a step, with the reason it was given', async () => {
  await using diffuser = await openTestDiffuser();
  const stop = new AbortController();
  const reason = new Error('enough');
  let steps = 0;
  const onStep = ({ step }: StepReport) => {
    steps = step;
    if (step === 3) stop.abort(reason);
  };
  const work = { ...quietWork(), signal: stop.signal };
  const request = await goldenConditions(diffuser);
  await expect(diffuser.sample(request, { ...work, onStep })).rejects.toBe(reason);
  expect(steps).toBe(3);
  await expect(diffuser.decode(request.latents, work)).rejects.toBe(reason);
  await expect(diffuser.encodeText('', { ...work, clipSkip: 1 })).rejects.toBe(reason);
  await expect(diffuser.encodeImage(grey(4, 4), work)).rejects.toBe(reason);
});

test.each([
  ['at once', Number.NaN, 'the denoiser of nan at step 1 but received NaN'],
  ['later', 1e37, 'at step 2'],
])('a denoiser that gives no numbers %s is named with its step', async (_, bias, message) => {
  const folder = await changedCopy('nan', 'unet/diffusion_pytorch_model.safetensors', 'conv_out.bias', () => bias);
  await using diffuser = await openTestDiffuser(folder);
  const request = await goldenConditions(diffuser);
  await expect(diffuser.sample(request, quietWork())).rejects.toThrow(NonFiniteError);
  await expect(diffuser.sample(request, quietWork())).rejects.toThrow(message);
});

test('a decoder that overflows in half precision is used again in full precision', async () => {
  // 100,000 is beyond float16 and at home in float32.
  const folder = await changedCopy('overflow', autoencoderFile, 'decoder.conv_in.bias', (value) => value + 1e5);
  const latents = { dims: [1, 4, 8, 8], data: Float32Array.from({ length: 256 }, (_, index) => Math.sin(index)) };
  await using half = await openTestDiffuser(folder, { compute: 'float16' });
  await using full = await openTestDiffuser(folder);
  expect(await half.decode(latents, quietWork())).toEqual(await full.decode(latents, quietWork()));
});

test('a decoder that gives no numbers in full precision either fails', async () => {
  const folder = await changedCopy('broken', autoencoderFile, 'decoder.conv_out.bias', () => Number.NaN);
  await using diffuser = await openTestDiffuser(folder);
  const decoding = diffuser.decode(goldenRequest.latents, quietWork());
  await expect(decoding).rejects.toThrow('the decoder of broken, even in full precision but received NaN');
  await expect(decoding).rejects.toThrow(NonFiniteError);
});

test('an encoder that gives no numbers fails', async () => {
  const folder = await changedCopy('deaf', autoencoderFile, 'quant_conv.bias', () => Number.POSITIVE_INFINITY);
  await using diffuser = await openTestDiffuser(folder);
  await expect(diffuser.encodeImage(grey(8, 8), quietWork())).rejects.toThrow(
    'the encoder of deaf but received Infinity',
  );
});

test.each([
  { contrast: 0, uniform: true },
  { contrast: 0.05, uniform: false },
  { contrast: 1, uniform: false },
])('a picture with $contrast of its contrast is called uniform: $uniform', async ({ contrast, uniform }) => {
  const scaled = (value: number) => value * contrast;
  const folder = await changedCopy(`contrast-${contrast}`, autoencoderFile, 'decoder.conv_out.weight', scaled);
  await using diffuser = await openTestDiffuser(folder);
  const latents = { dims: [1, 4, 8, 8], data: Float32Array.from({ length: 256 }, (_, index) => Math.sin(index)) };
  const decoded = await diffuser.decode(latents, quietWork());
  expect(decoded.uniform).toBe(uniform);
});

test.each([
  ['alpha', { width: 2, height: 2, channels: 4, data: new Uint8Array(16) }, 'flatten it first'],
  ['an odd side', grey(4, 5), 'multiples of 2 but received 4 × 5'],
] as const)('a picture with %s is not encoded', async (_, pixels, message) => {
  await using diffuser = await openTestDiffuser();
  await expect(diffuser.encodeImage(pixels, quietWork())).rejects.toThrow(message);
});

test.each([
  [[1, 3, 16, 16], 768],
  [[2, 4, 16, 16], 2048],
  [[1, 4, 16, 16], 1023],
  [[4, 16, 16], 1024],
])('latents of shape %j with %d values are refused', async (dims, length) => {
  await using diffuser = await openTestDiffuser();
  const latents = { dims, data: new Float32Array(length) };
  await expect(diffuser.decode(latents, quietWork())).rejects.toThrow('Expected latents [1, 4, height, width]');
});

test.each(['positive', 'negative'])('a %s prompt of another model is refused', async (side) => {
  await using diffuser = await openTestDiffuser();
  const foreign = { hidden: { dims: [1, 77, 128], data: new Float32Array(77 * 128) } };
  const request = { ...(await goldenConditions(diffuser)), [side]: foreign };
  await expect(diffuser.sample(request, quietWork())).rejects.toThrow(
    'Expected prompts 64 wide for sd-tiny but received 128',
  );
});

test('a file that is damaged after it was read is explained when its network is loaded', async () => {
  const folder = path.join(home, 'damaged');
  await cp(golden('sd-tiny'), folder, { recursive: true });
  await using diffuser = await openTestDiffuser(folder);
  await truncate(path.join(folder, autoencoderFile), 100_000);
  const failure = await diffuser.decode(goldenRequest.latents, quietWork()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ModelError);
  expect(failure).toMatchObject({ message: expect.stringContaining('The decoder of damaged cannot be loaded') });

  await cp(golden(`sd-tiny/${autoencoderFile}`), path.join(folder, autoencoderFile));
  await expect(diffuser.decode(goldenRequest.latents, quietWork()), 'once it is whole again').resolves.toBeDefined();
});

const autoencoderFile = 'vae/diffusion_pytorch_model.safetensors';

/** A copy of the tiny checkpoint with one tensor changed. */
async function changedCopy(
  name: string,
  file: string,
  tensor: string,
  change: (value: number) => number,
): Promise<string> {
  const folder = path.join(home, name);
  await cp(golden('sd-tiny'), folder, { recursive: true });
  const tensors = await storedTensors(path.join(folder, file));
  const old = tensors[tensor];
  if (!old) throw new Error(`Expected ${tensor} in ${file}`);
  const values = new Float32Array(new Uint8Array(old.bytes).buffer).map(change);
  await writeSafetensors(path.join(folder, file), {
    ...tensors,
    [tensor]: { ...old, bytes: new Uint8Array(values.buffer) },
  });
  return folder;
}

async function goldenConditions(diffuser: Diffuser): Promise<SampleRequest> {
  const encode = (text: string) => diffuser.encodeText(text, { ...quietWork(), clipSkip: 1 });
  return { ...goldenRequest, positive: await encode(prompts.positive), negative: await encode(prompts.negative) };
}

async function sampled(diffuser: Diffuser & AsyncDisposable): Promise<Latents> {
  await using opened = diffuser;
  return await opened.sample(await goldenConditions(opened), quietWork());
}

function grey(width: number, height: number): Pixels {
  return { width, height, channels: 3, data: new Uint8Array(width * height * 3).fill(128) };
}
