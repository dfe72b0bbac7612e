import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { ModelError } from '../../errors.ts';
import { readSafetensors } from '../../weights/safetensors.ts';
import type { TensorEntry, WeightSource } from '../../weights/weight-source.ts';
import type { Checkpoint, Component } from '../checkpoint.ts';
import {
  autoencoderConfigSchema,
  schedulerConfigSchema,
  textEncoderConfigSchema,
  trainingOf,
  type UnetConfig,
  unetConfigSchema,
} from '../configs.ts';

/** Reads a folder in the layout of Hugging Face's diffusers: one sub-folder with a config and weights for each network. */
export async function readHuggingFaceFolder(folder: string): Promise<Checkpoint> {
  const label = path.basename(folder);
  await refuseOtherFamilies(folder, label);
  const unet = await readComponent(folder, 'unet', unetConfigSchema);
  const autoencoder = await readComponent(folder, 'vae', autoencoderConfigSchema);
  const textEncoder = await readComponent(folder, 'text_encoder', textEncoderConfigSchema);
  const scheduler = await readConfig(
    path.join(folder, 'scheduler', 'scheduler_config.json'),
    label,
    schedulerConfigSchema,
  );
  const prediction = scheduler.prediction_type === 'v_prediction' ? 'v' : 'epsilon';
  const training = trainingOf(scheduler);
  const tokenizer = path.join(folder, 'tokenizer');
  const family = familyOf(unet.config);
  return { label, layout: 'folder', family, prediction, training, textEncoder, unet, autoencoder, tokenizer };
}

/** Stable Diffusion 2.x is told by the width of its text encoder; every other width is a relative of 1.x. */
function familyOf(unet: UnetConfig): 'sd1' | 'sd2' {
  return unet.cross_attention_dim === 1024 ? 'sd2' : 'sd1';
}

const modelIndexSchema = z.object({ _class_name: z.string(), text_encoder_2: z.unknown().optional() });

async function refuseOtherFamilies(folder: string, label: string): Promise<void> {
  const index = await readConfig(path.join(folder, 'model_index.json'), label, modelIndexSchema);
  if (index._class_name.startsWith('StableDiffusionXL') || index.text_encoder_2) {
    throw new ModelError(
      label,
      `${label} is an SDXL checkpoint; SDXL checkpoints come later, choose an SD 1.x or 2.x one.`,
    );
  }
  if (/^(StableDiffusion(Img2Img)?|LatentConsistencyModel)Pipeline$/.test(index._class_name)) return;
  const message = `${label} is made for ${index._class_name}, which is not supported; choose an SD 1.x or 2.x checkpoint.`;
  throw new ModelError(label, message);
}

async function readConfig<Schema extends z.ZodType>(
  file: string,
  label: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const name = path.join(path.basename(path.dirname(file)), path.basename(file));
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ModelError(label, `${label} is incomplete: ${name} is missing; download the whole folder.`, { cause });
  });
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? firstIssue(cause) : 'it is not JSON';
    throw new ModelError(label, `${label} is not supported or damaged: ${name} cannot be used, because ${reason}.`, {
      cause,
    });
  }
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  if (!issue) return 'it is malformed';
  const place = issue.path.join('.');
  return place ? `of ${place}: ${issue.message}` : issue.message;
}

async function readComponent<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
): Promise<Component<z.output<Schema>>> {
  const label = path.basename(folder);
  const config = await readConfig(path.join(folder, name, 'config.json'), label, schema);
  const files = await weightFiles(path.join(folder, name), `${label}/${name}`);
  const headers = await Promise.all(files.map(readSafetensors));
  const tensors = new Map(headers.flatMap((header) => [...header.tensors]));
  return { config, weights: folderWeights(label, tensors) };
}

/** Full precision first: its weights are used where they lie on disk, while halves are widened into memory. */
const weightNames = [
  'diffusion_pytorch_model.safetensors',
  'model.safetensors',
  'diffusion_pytorch_model.fp16.safetensors',
  'model.fp16.safetensors',
];
const indexNames = weightNames.flatMap((name) => [
  `${name}.index.json`,
  // Newer versions of diffusers put the variant last.
  ...(name.includes('.fp16.') ? [`${name.replace('.fp16.', '.')}.index.fp16.json`] : []),
]);

async function weightFiles(folder: string, label: string): Promise<string[]> {
  const present = new Set(await readdir(folder));
  for (const name of weightNames) if (present.has(name)) return [path.join(folder, name)];
  for (const name of indexNames) if (present.has(name)) return shardFiles(path.join(folder, name), label);
  const pickle = [...present].find((name) => /\.(bin|ckpt|pth?)$/.test(name));
  const advice = pickle
    ? `only ${pickle}, a pickle, which may run code when it is opened; get the .safetensors version`
    : 'no .safetensors weights; download the whole folder';
  throw new ModelError(label, `${label} has ${advice}.`);
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

async function shardFiles(index: string, label: string): Promise<string[]> {
  const { weight_map: map } = await readConfig(index, label, indexSchema);
  const names = [...new Set(Object.values(map))];
  const outside = names.find((name) => path.basename(name) !== name || name === '..');
  if (outside !== undefined)
    throw new ModelError(label, `${label} refers to weights outside its folder and is refused.`);
  return names.map((name) => path.join(path.dirname(index), name));
}

/** Names that older or newer versions of the libraries gave to the same tensors. */
const olderNames: readonly (readonly [RegExp, string])[] = [
  [/^text_model\./, ''],
  [/(\.attentions\.0)\.to_q\./, '$1.query.'],
  [/(\.attentions\.0)\.to_k\./, '$1.key.'],
  [/(\.attentions\.0)\.to_v\./, '$1.value.'],
  [/(\.attentions\.0)\.to_out\.0\./, '$1.proj_attn.'],
];

function folderWeights(label: string, tensors: ReadonlyMap<string, TensorEntry>): WeightSource {
  const find = (name: string) => {
    const exact = tensors.get(name);
    if (exact) return exact;
    const older = olderNames.find(([pattern]) => pattern.test(name));
    return older && tensors.get(name.replace(...older));
  };
  return { label, find };
}
