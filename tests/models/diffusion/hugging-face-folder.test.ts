import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileDecoder } from '../../../models/diffusion/autoencoder.ts';
import { describeCheckpoint, readCheckpoint } from '../../../models/diffusion/checkpoint.ts';
import { compileTextEncoder } from '../../../models/diffusion/text-encoder.ts';
import { compileUnet } from '../../../models/diffusion/unet.ts';
import { storedTensors } from '../../support/checkpoints.ts';
import { bundled } from '../../support/diffusers.ts';
import { golden, goldenTensors, largestDifference, openNetwork, outputOf } from '../../support/networks.ts';
import { type StoredTensor, writeSafetensors } from '../../support/safetensors.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'folders-'));
});
afterAll(() => rm(home, { recursive: true }));

const unetFile = 'unet/diffusion_pytorch_model.safetensors';
const autoencoderFile = 'vae/diffusion_pytorch_model.safetensors';
const textFile = 'text_encoder/model.safetensors';

/** A copy of the tiny checkpoint that a test may change. */
async function copy(name: string): Promise<{ folder: string; file: (name: string) => string }> {
  const folder = path.join(home, name);
  await cp(golden('sd-tiny'), folder, { recursive: true });
  return { folder, file: (inside) => path.join(folder, inside) };
}

async function renameTensors(file: string, newName: (name: string) => string): Promise<void> {
  const tensors = Object.entries(await storedTensors(file));
  await writeSafetensors(file, Object.fromEntries(tensors.map(([name, tensor]) => [newName(name), tensor])));
}

async function changeJson(file: string, changes: Record<string, unknown>): Promise<void> {
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...changes }));
}

async function expectGoldenUnet(folder: string): Promise<void> {
  const { unet } = await readCheckpoint(folder);
  const tensor = await goldenTensors('modules/tiny_unet.safetensors');
  await using session = await openNetwork(compileUnet(unet.config, unet.weights, 'float32'));
  const [sample, timestep, context] = [tensor('sample'), tensor('timestep'), tensor('encoder_hidden_states')];
  const { data } = await outputOf(session, { sample, timestep, context });
  expect(largestDifference(data, tensor('out_sample').data)).toBeLessThan(1e-5);
}

test('the bundled model is described without loading it', async () => {
  expect(await describeCheckpoint(bundled.portraits)).toEqual({
    family: 'sd1',
    prediction: 'v',
    nativeSize: 128,
    layout: 'folder',
  });
});

test('the native size is that of the training pictures in pixels', async () => {
  expect(await describeCheckpoint(golden('sd-tiny'))).toMatchObject({ prediction: 'epsilon', nativeSize: 32 });
});

test('a context of 1024 is that of Stable Diffusion 2', async () => {
  const { folder, file } = await copy('wide');
  await changeJson(file('unet/config.json'), { cross_attention_dim: 1024 });
  await changeJson(file('text_encoder/config.json'), { hidden_size: 1024 });
  expect(await describeCheckpoint(folder)).toMatchObject({ family: 'sd2' });
});

test('the training noise is read from the scheduler, whatever class it is for', async () => {
  const { folder, file } = await copy('scheduler');
  await changeJson(file('scheduler/scheduler_config.json'), {
    _class_name: 'DEISMultistepScheduler',
    algorithm_type: 'deis',
    beta_schedule: 'linear',
    beta_end: 0.02,
    num_train_timesteps: 500,
    prediction_type: 'v_prediction',
    rescale_betas_zero_snr: true,
  });
  expect(await readCheckpoint(folder)).toMatchObject({
    prediction: 'v',
    training: { betaStart: 0.00085, betaEnd: 0.02, betaSchedule: 'linear', trainTimesteps: 500, zeroTerminalSnr: true },
  });
});

test('weights in several files are joined', async () => {
  const { folder, file } = await copy('shards');
  const tensors = Object.entries(await storedTensors(file(unetFile)));
  const parts: [string, StoredTensor][][] = [tensors.slice(0, 40), tensors.slice(40)];
  const map: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const name = `diffusion_pytorch_model-0000${index + 1}-of-00002.safetensors`;
    await writeSafetensors(file(`unet/${name}`), Object.fromEntries(part));
    for (const [tensor] of part) map[tensor] = name;
  }
  await rm(file(unetFile));
  await writeFile(file('unet/diffusion_pytorch_model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  await expectGoldenUnet(folder);
});

test('parts outside the folder are refused', async () => {
  const { folder, file } = await copy('outside');
  await rename(file(unetFile), path.join(home, 'elsewhere.safetensors'));
  const map = { 'conv_in.weight': '../../elsewhere.safetensors' };
  await writeFile(file('unet/diffusion_pytorch_model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  await expect(readCheckpoint(folder)).rejects.toThrow('outside/unet refers to weights outside its folder');
});

test('the fp16 variant is used where there is no other', async () => {
  const { folder, file } = await copy('variant');
  await rename(file(unetFile), file('unet/diffusion_pytorch_model.fp16.safetensors'));
  await rename(file(textFile), file('text_encoder/model.fp16.safetensors'));
  await expectGoldenUnet(folder);
});

test('the full-precision file comes before its variant', async () => {
  const { folder, file } = await copy('both');
  await writeFile(file('unet/diffusion_pytorch_model.fp16.safetensors'), 'never read');
  await expectGoldenUnet(folder);
});

test('the older names of the autoencoder’s attention are known', async () => {
  const { folder, file } = await copy('older');
  const older = { 'to_q.': 'query.', 'to_k.': 'key.', 'to_v.': 'value.', 'to_out.0.': 'proj_attn.' };
  await renameTensors(file(autoencoderFile), (name) =>
    Object.entries(older).reduce((result, [now, before]) => result.replace(now, before), name),
  );
  const { autoencoder } = await readCheckpoint(folder);
  const tensor = await goldenTensors('modules/tiny_vae.safetensors');
  await using session = await openNetwork(compileDecoder(autoencoder.config, autoencoder.weights, 'float32'));
  const { data } = await outputOf(session, { latent: tensor('latent') });
  expect(largestDifference(data, tensor('image').data)).toBeLessThan(1e-5);
});

test('the text encoder is found with and without the prefix text_model', async () => {
  const { folder, file } = await copy('prefix');
  const names = Object.keys(await storedTensors(file(textFile)));
  const prefixed = names.some((name) => name.startsWith('text_model.'));
  await renameTensors(file(textFile), (name) => (prefixed ? name.replace('text_model.', '') : `text_model.${name}`));
  const { textEncoder } = await readCheckpoint(folder);
  const options = { clipSkip: 1, compute: 'float32' } as const;
  const tensor = await goldenTensors('modules/tiny_clip.safetensors');
  const ids = tensor('input_ids');
  await using session = await openNetwork(compileTextEncoder(textEncoder.config, textEncoder.weights, options));
  const { data } = await outputOf(session, {
    input_ids: { type: 'int32', dims: ids.dims, data: Int32Array.from(ids.data) },
  });
  expect(largestDifference(data, tensor('hidden_states').data)).toBeLessThan(1e-5);
});

test('a symbolic link to the weights is followed, as in the cache of Hugging Face', async () => {
  const { folder, file } = await copy('link');
  const blob = path.join(home, 'blob');
  await rename(file(unetFile), blob);
  await symlink(blob, file(unetFile));
  await expectGoldenUnet(folder);
});

test.each<[string, (file: (name: string) => string) => Promise<void>, string]>([
  ['no index', (file) => rm(file('model_index.json')), 'model_index.json is missing'],
  ['no config', (file) => rm(file('unet/config.json')), 'is incomplete: unet/config.json is missing'],
  ['no weights', (file) => rm(file(unetFile)), '/unet has no .safetensors weights'],
  [
    'pickles only',
    (file) => rename(file(unetFile), file('unet/diffusion_pytorch_model.bin')),
    'is opened; get the .safetensors',
  ],
  [
    'a config that is no JSON',
    (file) => writeFile(file('unet/config.json'), '{'),
    'unet/config.json cannot be used, because it is not JSON',
  ],
  [
    'SDXL',
    (file) => changeJson(file('model_index.json'), { _class_name: 'StableDiffusionXLPipeline' }),
    'SDXL checkpoints come later',
  ],
  [
    'another family',
    (file) => changeJson(file('model_index.json'), { _class_name: 'FluxPipeline' }),
    'is made for FluxPipeline',
  ],
  ['an unknown activation', (file) => changeJson(file('unet/config.json'), { act_fn: 'mish' }), 'because of act_fn'],
  [
    'class labels',
    (file) => changeJson(file('unet/config.json'), { class_embed_type: 'timestep' }),
    'because of class_embed_type',
  ],
  [
    'uneven blocks',
    (file) => changeJson(file('unet/config.json'), { up_block_types: ['UpBlock2D'] }),
    'differ in length',
  ],
  [
    'a shift of latents',
    (file) => changeJson(file('vae/config.json'), { shift_factor: 0.1 }),
    'because of shift_factor',
  ],
  [
    'an unknown prediction',
    (file) => changeJson(file('scheduler/scheduler_config.json'), { prediction_type: 'sample' }),
    'prediction_type',
  ],
  [
    'parts that do not fit',
    (file) => changeJson(file('text_encoder/config.json'), { hidden_size: 32 }),
    'does not fit together',
  ],
  ['damaged weights', (file) => writeFile(file(autoencoderFile), ''), 'diffusion_pytorch_model.safetensors is empty'],
])('a folder with %s is refused with its reason', async (name, change, message) => {
  const { folder, file } = await copy(name.replaceAll(' ', '-'));
  await change(file);
  await expect(describeCheckpoint(folder)).rejects.toThrow(message);
  await expect(describeCheckpoint(folder)).rejects.not.toThrow(home);
});

test('a missing tensor is named when its network is compiled', async () => {
  const { folder, file } = await copy('incomplete');
  await renameTensors(file(unetFile), (name) => name.replace('mid_block.resnets.1.conv2.weight', 'other'));
  const { unet } = await readCheckpoint(folder);
  const compile = () => compileUnet(unet.config, unet.weights, 'float32');
  expect(compile).toThrow('incomplete lacks the tensor mid_block.resnets.1.conv2.weight');
});

test('a place where nothing is is refused', async () => {
  await expect(describeCheckpoint(path.join(home, 'nothing'))).rejects.toThrow('nothing does not exist');
});
