import path from 'node:path';
import { ModelError } from '../../errors.ts';
import { readSafetensors, type SafetensorsHeader } from '../../weights/safetensors.ts';
import { rowsOf, type WeightSource } from '../../weights/weight-source.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { schedulerConfigSchema, trainingOf } from '../configs.ts';
import { ldmAutoencoderName, ldmUnetNames } from './ldm-names.ts';
import { openClipPlace } from './open-clip-names.ts';
import { inferAutoencoder, inferTextEncoder, inferUnet } from './single-file-configs.ts';
import { predictionOf } from './single-file-prediction.ts';

type SingleFileFamily = 'sd1' | 'sd2';

/**
 * Reads one .safetensors file in the layout of Stable Diffusion's original code (as on Civitai). Such a file has no configs:
 * sizes follow from the tensors' shapes, the rest from the family.
 */
export async function readSingleFile(file: string): Promise<Checkpoint> {
  const label = path.basename(file);
  const header = await readSafetensors(file);
  const family = familyOf(header, label);
  const prediction = await predictionOf(file, header, family);
  const ldmUnet = underPrefix(header, label, 'model.diffusion_model.');
  const ldmAutoencoder = underPrefix(header, label, 'first_stage_model.');
  const textEncoder = textEncoderWeights(header, label, family);
  const unet = { ...inferUnet(ldmUnet, family), sample_size: sampleSizeOf(family, prediction) };
  const autoencoder = inferAutoencoder(ldmAutoencoder);
  const levels = autoencoder.block_out_channels.length;
  return {
    label,
    layout: 'single-file',
    family,
    prediction,
    training: trainingOf(schedulerConfigSchema.parse({ rescale_betas_zero_snr: header.tensors.has('ztsnr') })),
    unet: { config: unet, weights: renamed(ldmUnet, (name) => ldmUnetNames(name, unet.layers_per_block)) },
    autoencoder: {
      config: autoencoder,
      weights: renamed(ldmAutoencoder, (name) => [ldmAutoencoderName(name, levels)]),
    },
    textEncoder: { config: inferTextEncoder(textEncoder, family), weights: textEncoder },
    tokenizer: undefined,
  };
}

function familyOf({ tensors }: SafetensorsHeader, label: string): SingleFileFamily {
  if ([...tensors.keys()].some((name) => name.startsWith('conditioner.embedders.'))) {
    throw new ModelError(
      label,
      `${label} is an SDXL checkpoint; SDXL checkpoints come later, choose an SD 1.x or 2.x one.`,
    );
  }
  if (!tensors.has('model.diffusion_model.input_blocks.0.0.weight')) {
    const message = `${label} is no Stable Diffusion checkpoint: it has no denoiser; LoRAs and upscalers belong in their own folders.`;
    throw new ModelError(label, message);
  }
  if (!tensors.has('first_stage_model.decoder.conv_in.weight')) {
    throw new ModelError(
      label,
      `${label} has no autoencoder of its own, which is not supported; get the full checkpoint.`,
    );
  }
  if (tensors.has('cond_stage_model.model.ln_final.weight')) return 'sd2';
  if ([...tensors.keys()].some((name) => name.startsWith('cond_stage_model.transformer.'))) return 'sd1';
  throw new ModelError(
    label,
    `${label} has no text encoder of its own, which is not supported; get the full checkpoint.`,
  );
}

/** In latents: 512 pixels for every 1.x, and 512 or 768 for 2.x, where the smaller models are those that predict noise. */
function sampleSizeOf(family: SingleFileFamily, prediction: 'epsilon' | 'v' | undefined): number | undefined {
  if (family === 'sd1' || prediction === 'epsilon') return 64;
  return prediction === 'v' ? 96 : undefined;
}

function underPrefix({ tensors }: SafetensorsHeader, label: string, prefix: string): WeightSource {
  return { label, find: (name) => tensors.get(prefix + name) };
}

/** Looks a tensor up by the first of its other names that the file has. */
function renamed(source: WeightSource, namesOf: (name: string) => readonly string[]): WeightSource {
  const find = (name: string) => {
    const present = namesOf(name).find((other) => source.find(other));
    return present === undefined ? undefined : source.find(present);
  };
  return { label: source.label, find };
}

function textEncoderWeights(header: SafetensorsHeader, label: string, family: SingleFileFamily): WeightSource {
  if (family === 'sd2') return openClipWeights(underPrefix(header, label, 'cond_stage_model.model.'));
  const clip = underPrefix(header, label, 'cond_stage_model.transformer.');
  return renamed(clip, (name) => [name, name.replace(/^text_model\./, '')]);
}

function openClipWeights(source: WeightSource): WeightSource {
  const find = (name: string) => {
    const { name: place, third } = openClipPlace(name);
    const entry = source.find(place);
    if (!entry || third === undefined) return entry;
    const [rows = 0] = entry.shape;
    return rowsOf(entry, (third * rows) / 3, ((third + 1) * rows) / 3);
  };
  return { label: source.label, find };
}
