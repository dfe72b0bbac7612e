import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileDecoder, compileEncoder } from '../../../models/diffusion/autoencoder.ts';
import { describeCheckpoint, readCheckpoint } from '../../../models/diffusion/checkpoint.ts';
import { compileTextEncoder } from '../../../models/diffusion/text-encoder.ts';
import { compileUnet } from '../../../models/diffusion/unet.ts';
import type { WeightSource } from '../../../models/weights/weight-source.ts';
import { stableDiffusion2Shapes, stableDiffusionNames, writeHollowCheckpoint } from '../../support/checkpoints.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'single-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function hollow(name: string, shapes: Record<string, readonly number[]>, notes?: Record<string, string>) {
  const file = path.join(folder, name);
  await writeHollowCheckpoint(file, shapes, notes);
  return file;
}

/** A source that notes the names of the tensors it gave. */
function watched(source: WeightSource): { source: WeightSource; used: Set<string> } {
  const used = new Set<string>();
  const find = (name: string) => {
    const entry = source.find(name);
    if (entry) used.add(entry.name);
    return entry;
  };
  return { source: { label: source.label, find }, used };
}

test('all 1130 names of Stable Diffusion 1.5 are found and used', async () => {
  const names = await stableDiffusionNames();
  const shapes = Object.fromEntries(names.map(([ldm, shape]) => [ldm, shape]));
  const { unet, autoencoder, textEncoder } = await readCheckpoint(await hollow('sd15.safetensors', shapes));
  const sources = {
    unet: watched(unet.weights),
    vae: watched(autoencoder.weights),
    text_encoder: watched(textEncoder.weights),
  };
  expect(names).toHaveLength(1130);
  for (const [ldm, shape, component, name] of names) {
    const source = { unet, vae: autoencoder, text_encoder: textEncoder }[component]?.weights;
    const prefix = component === 'text_encoder' ? 'text_model.' : '';
    expect(source?.find(prefix + name), name).toMatchObject({ name: ldm, shape });
  }
  compileUnet(unet.config, sources.unet.source, 'float32');
  compileDecoder(autoencoder.config, sources.vae.source, 'float32');
  compileEncoder(autoencoder.config, sources.vae.source, 'float32');
  compileTextEncoder(textEncoder.config, sources.text_encoder.source, { clipSkip: 1, compute: 'float32' });
  const used = Object.values(sources).flatMap((source) => [...source.used]);
  expect(used.sort()).toEqual(Object.keys(shapes).sort());
});

test('the configs of Stable Diffusion 1.5 follow from the shapes', async () => {
  const shapes = Object.fromEntries((await stableDiffusionNames()).map(([ldm, shape]) => [ldm, shape]));
  const file = await hollow('configs.safetensors', shapes);
  const { unet, autoencoder, textEncoder, training } = await readCheckpoint(file);
  expect(unet.config).toMatchObject({
    in_channels: 4,
    out_channels: 4,
    block_out_channels: [320, 640, 1280, 1280],
    layers_per_block: 2,
    down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
    cross_attention_dim: 768,
    attention_head_dim: 8,
    norm_num_groups: 32,
  });
  expect(autoencoder.config).toMatchObject({
    latent_channels: 4,
    block_out_channels: [128, 256, 512, 512],
    layers_per_block: 2,
    scaling_factor: 0.18215,
  });
  expect(textEncoder.config).toMatchObject({
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    max_position_embeddings: 77,
    hidden_act: 'quick_gelu',
  });
  expect(training).toEqual({
    betaStart: 0.00085,
    betaEnd: 0.012,
    betaSchedule: 'scaled_linear',
    trainTimesteps: 1000,
    zeroTerminalSnr: false,
  });
  expect(await describeCheckpoint(file)).toEqual({
    family: 'sd1',
    prediction: 'epsilon',
    nativeSize: 512,
    layout: 'single-file',
  });
});

test('the configs of Stable Diffusion 2 follow from the shapes', async () => {
  const { unet, textEncoder, family } = await readCheckpoint(
    await hollow('sd2.safetensors', await stableDiffusion2Shapes()),
  );
  expect(family).toBe('sd2');
  expect(unet.config).toMatchObject({ cross_attention_dim: 1024, attention_head_dim: [5, 10, 20, 20] });
  expect(textEncoder.config).toMatchObject({
    hidden_size: 1024,
    num_hidden_layers: 23,
    num_attention_heads: 16,
    hidden_act: 'gelu',
  });
  expect(textEncoder.weights.find('text_model.encoder.layers.3.self_attn.k_proj.weight')?.shape).toEqual([1024, 1024]);
});

test.each<[string, { notes?: Record<string, string>; yaml?: string; marks?: string[] }, object]>([
  ['nothing', {}, { prediction: undefined, nativeSize: undefined }],
  ['its notes', { notes: { 'modelspec.prediction_type': 'v' } }, { prediction: 'v', nativeSize: 768 }],
  ['its notes', { notes: { 'modelspec.prediction_type': 'epsilon' } }, { prediction: 'epsilon', nativeSize: 512 }],
  [
    'its architecture',
    { notes: { 'modelspec.architecture': 'stable-diffusion-v2-768-v' } },
    { prediction: 'v', nativeSize: 768 },
  ],
  ['its architecture', { notes: { 'modelspec.architecture': 'stable-diffusion-v2-512' } }, { prediction: 'epsilon' }],
  ['a mark', { marks: ['v_pred'] }, { prediction: 'v' }],
  [
    'a config beside it',
    { yaml: 'model:\n  params:\n    parameterization: "v"\n' },
    { prediction: 'v', nativeSize: 768 },
  ],
  ['a config beside it', { yaml: 'model:\n  params:\n    linear_start: 0.00085\n' }, { prediction: 'epsilon' }],
])('what a file of Stable Diffusion 2 predicts is told by %s', async (how, { notes, yaml, marks = [] }, expected) => {
  const name = `${how} ${Object.values(expected)}`.replaceAll(/\W/g, '-');
  const marked = Object.fromEntries(marks.map((mark) => [mark, [0]]));
  const file = await hollow(`${name}.safetensors`, { ...(await stableDiffusion2Shapes()), ...marked }, notes);
  if (yaml) await writeFile(path.join(folder, `${name}.yaml`), yaml);
  expect(await describeCheckpoint(file)).toMatchObject({ family: 'sd2', ...expected });
});

test('the mark of zero terminal noise is heeded', async () => {
  const shapes = { ...(await stableDiffusion2Shapes()), ztsnr: [0] };
  const { training } = await readCheckpoint(await hollow('ztsnr.safetensors', shapes));
  expect(training.zeroTerminalSnr).toBe(true);
});

test.each<[string, (shapes: Record<string, readonly number[]>) => Record<string, readonly number[]>, string]>([
  [
    'SDXL',
    (shapes) => ({ ...shapes, 'conditioner.embedders.0.transformer.weight': [1] }),
    'SDXL checkpoints come later',
  ],
  ['a LoRA', () => ({ 'lora_unet_x.lora_up.weight': [4, 4] }), 'it has no denoiser'],
  ['a denoiser alone', (shapes) => without(shapes, 'first_stage_model.'), 'has no autoencoder of its own'],
  ['one without text encoder', (shapes) => without(shapes, 'cond_stage_model.'), 'has no text encoder of its own'],
  [
    'an inpainting model',
    (shapes) => ({ ...shapes, 'model.diffusion_model.input_blocks.0.0.weight': [320, 9, 3, 3] }),
    'is an inpainting checkpoint',
  ],
  [
    'one that follows instructions',
    (shapes) => ({ ...shapes, 'model.diffusion_model.input_blocks.0.0.weight': [320, 8, 3, 3] }),
    'has 8 input and 4 output channels',
  ],
])('%s is refused with its reason', async (name, change, message) => {
  const shapes = Object.fromEntries((await stableDiffusionNames()).map(([ldm, shape]) => [ldm, shape]));
  const file = await hollow(`${name}.safetensors`, change(shapes));
  await expect(describeCheckpoint(file)).rejects.toThrow(message);
  await expect(describeCheckpoint(file)).rejects.toThrow(`${name}.safetensors`);
});

function without(shapes: Record<string, readonly number[]>, prefix: string): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(shapes).filter(([name]) => !name.startsWith(prefix)));
}
