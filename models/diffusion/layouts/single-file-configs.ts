import type * as z from 'zod';
import { ModelError } from '../../errors.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import {
  type AutoencoderConfig,
  autoencoderConfigSchema,
  type TextEncoderConfig,
  textEncoderConfigSchema,
  type UnetConfig,
  unetConfigSchema,
} from '../configs.ts';

/** The denoiser's config from the shapes of its tensors, by their LDM names without prefix. */
export function inferUnet(ldm: WeightSource, family: 'sd1' | 'sd2'): UnetConfig {
  const levels = unetLevels(ldm);
  const channels = levels.map((level) => level.channels);
  const width = levels.find((level) => level.contextWidth)?.contextWidth;
  return understood(ldm, unetConfigSchema, {
    in_channels: shapeOf(ldm, 'input_blocks.0.0.weight')[1],
    out_channels: shapeOf(ldm, 'out.2.weight')[0],
    block_out_channels: channels,
    layers_per_block: levels[0]?.layers,
    cross_attention_dim: width,
    down_block_types: levels.map((level) => (level.contextWidth ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    up_block_types: levels.toReversed().map((level) => (level.contextWidth ? 'CrossAttnUpBlock2D' : 'UpBlock2D')),
    // Files do not record the number of heads: 1.x always has 8, 2.x has heads of 64 channels.
    attention_head_dim: family === 'sd1' ? 8 : channels.map((count) => count / 64),
  });
}

interface UnetLevel {
  readonly channels: number;
  readonly contextWidth: number | undefined;
  layers: number;
}

/** The way down: resnets with or without attention, and between two levels a downsampler. */
function unetLevels(ldm: WeightSource): UnetLevel[] {
  const levels: UnetLevel[] = [];
  let level: UnetLevel | undefined;
  for (let index = 1; ; index++) {
    const block = `input_blocks.${index}`;
    const resnet = ldm.find(`${block}.0.out_layers.3.weight`);
    if (!resnet && !ldm.find(`${block}.0.op.weight`)) return levels;
    if (!resnet) level = undefined;
    else if (level) level.layers++;
    else {
      const contextWidth = ldm.find(`${block}.1.transformer_blocks.0.attn2.to_k.weight`)?.shape[1];
      level = { channels: resnet.shape[0] ?? 0, contextWidth, layers: 1 };
      levels.push(level);
    }
  }
}

/** The autoencoder's config from the shapes of its tensors, by their LDM names without prefix. */
export function inferAutoencoder(ldm: WeightSource): AutoencoderConfig {
  const levels = count((index) => ldm.find(`encoder.down.${index}.block.0.norm1.weight`));
  const channelsOf = (level: number) => shapeOf(ldm, `encoder.down.${level}.block.0.norm2.weight`)[0];
  return understood(ldm, autoencoderConfigSchema, {
    in_channels: shapeOf(ldm, 'encoder.conv_in.weight')[1],
    out_channels: shapeOf(ldm, 'decoder.conv_out.weight')[0],
    latent_channels: shapeOf(ldm, 'decoder.conv_in.weight')[1],
    block_out_channels: Array.from({ length: levels }, (_, level) => channelsOf(level)),
    layers_per_block: count((index) => ldm.find(`encoder.down.0.block.${index}.norm1.weight`)),
  });
}

/** The text encoder's config from the shapes of its tensors, by the names of transformers. */
export function inferTextEncoder(weights: WeightSource, family: 'sd1' | 'sd2'): TextEncoderConfig {
  const [positions, width = 0] = shapeOf(weights, 'text_model.embeddings.position_embedding.weight');
  const layers = count((index) => weights.find(`text_model.encoder.layers.${index}.layer_norm1.weight`));
  return understood(weights, textEncoderConfigSchema, {
    hidden_size: width,
    // 2.x was trained on the last layer but one, so the last one is not part of it.
    num_hidden_layers: family === 'sd2' ? layers - 1 : layers,
    num_attention_heads: width / 64,
    max_position_embeddings: positions,
    hidden_act: family === 'sd2' ? 'gelu' : 'quick_gelu',
  });
}

function understood<Schema extends z.ZodType>(
  { label }: WeightSource,
  schema: Schema,
  config: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new ModelError(label, `${label} has networks of an unsupported shape; choose an SD 1.x or 2.x checkpoint.`, {
    cause: parsed.error,
  });
}

function count(present: (index: number) => unknown): number {
  let index = 0;
  while (present(index)) index++;
  return index;
}

function shapeOf({ label, find }: WeightSource, name: string): readonly number[] {
  const entry = find(name);
  if (entry) return entry.shape;
  throw new ModelError(label, `${label} lacks the tensor ${name}; it is incomplete or of an unsupported kind.`);
}
