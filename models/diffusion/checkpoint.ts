import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Family } from '../contracts.ts';
import { ModelError } from '../errors.ts';
import type { WeightSource } from '../weights/weight-source.ts';
import { downscaleOf } from './autoencoder.ts';
import type { AutoencoderConfig, TextEncoderConfig, UnetConfig } from './configs.ts';
import { readHuggingFaceFolder } from './layouts/hugging-face.ts';
import { readSingleFile } from './layouts/single-file.ts';
import type { NoiseTraining } from './noise-schedule.ts';

/** One network of a checkpoint: how it is built and where its weights are. */
export interface Component<Config> {
  readonly config: Config;
  readonly weights: WeightSource;
}

/** A text-to-image checkpoint, read but not loaded. */
export interface Checkpoint {
  /** The file or folder name a person knows. */
  readonly label: string;
  readonly layout: 'folder' | 'single-file';
  readonly family: Family;
  /** Undefined when nothing in the checkpoint says it. */
  readonly prediction: 'epsilon' | 'v' | undefined;
  readonly training: NoiseTraining;
  readonly textEncoder: Component<TextEncoderConfig>;
  readonly unet: Component<UnetConfig>;
  readonly autoencoder: Component<AutoencoderConfig>;
  /** The folder with vocab.json and merges.txt; undefined when the checkpoint relies on CLIP's own. */
  readonly tokenizer: string | undefined;
}

export interface CheckpointDescription {
  readonly family: Family;
  readonly prediction: 'epsilon' | 'v' | undefined;
  /** The side of the training pictures in pixels; undefined when it is not known. */
  readonly nativeSize: number | undefined;
  readonly layout: 'folder' | 'single-file';
}

/**
 * Reads configs and weight headers of a Hugging Face folder or a single .safetensors file, never the weights.
 * Throws `ModelError` with one sentence when it is no Stable Diffusion 1.x or 2.x checkpoint, or is damaged or unsafe.
 */
export async function readCheckpoint(location: string): Promise<Checkpoint> {
  const label = path.basename(location);
  const found = await stat(location).catch((cause: unknown) => {
    throw new ModelError(label, `${label} does not exist or may not be read.`, { cause });
  });
  const checkpoint = await (found.isDirectory() ? readHuggingFaceFolder(location) : readSingleFile(location));
  refuseOtherTasks(checkpoint);
  return checkpoint;
}

/** What can be told of a checkpoint without loading it, in a few milliseconds. Throws as `readCheckpoint` does. */
export async function describeCheckpoint(location: string): Promise<CheckpointDescription> {
  const checkpoint = await readCheckpoint(location);
  const { family, prediction, layout } = checkpoint;
  return { family, prediction, nativeSize: nativeSizeOf(checkpoint), layout };
}

/** The side of the training pictures in pixels, where the checkpoint tells it. */
export function nativeSizeOf({ unet, autoencoder }: Checkpoint): number | undefined {
  const latents = unet.config.sample_size;
  return latents ? latents * downscaleOf(autoencoder.config) : undefined;
}

function refuseOtherTasks({ label, unet, autoencoder, textEncoder }: Checkpoint): void {
  const { in_channels: channels, cross_attention_dim: width } = unet.config;
  const { latent_channels: latentChannels } = autoencoder.config;
  if (channels === 2 * latentChannels + 1) {
    throw new ModelError(
      label,
      `${label} is an inpainting checkpoint, which is not supported; choose a text-to-image one.`,
    );
  }
  if (channels !== latentChannels || unet.config.out_channels !== latentChannels) {
    const counts = `${channels} input and ${unet.config.out_channels} output channels`;
    throw new ModelError(
      label,
      `Expected ${latentChannels} latent channels for ${label} but its denoiser has ${counts}.`,
    );
  }
  if (textEncoder.config.hidden_size !== width) {
    const widths = `${textEncoder.config.hidden_size} wide where its denoiser reads ${width}`;
    throw new ModelError(label, `${label} does not fit together: its text encoder is ${widths}.`);
  }
}
