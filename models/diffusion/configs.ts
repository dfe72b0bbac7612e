import * as z from 'zod';
import type { NoiseTraining } from './noise-schedule.ts';

/**
 * What the config files of a Hugging Face folder say about each network. Fields that would change the arithmetic in ways the
 * builders do not know are pinned to the only value they support, so such a checkpoint is refused and never half understood.
 */

const perBlock = z.union([z.int().positive(), z.array(z.int().positive())]);
const absent = z.null().optional();
const groups = z.int().positive().default(32);

const unetFields = z.object({
  in_channels: z.int().positive(),
  out_channels: z.int().positive(),
  block_out_channels: z.array(z.int().positive()).min(1),
  layers_per_block: z.int().positive(),
  down_block_types: z.array(z.enum(['CrossAttnDownBlock2D', 'DownBlock2D'])),
  up_block_types: z.array(z.enum(['CrossAttnUpBlock2D', 'UpBlock2D'])),
  mid_block_type: z.literal('UNetMidBlock2DCrossAttn').default('UNetMidBlock2DCrossAttn'),
  cross_attention_dim: z.int().positive(),
  /** By a mistake of diffusers that stayed, the number of heads and not their size. */
  attention_head_dim: perBlock,
  num_attention_heads: perBlock.nullish(),
  use_linear_projection: z.boolean().default(false),
  norm_num_groups: groups,
  norm_eps: z.number().positive().default(1e-5),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  /** The side of the training pictures, in latents. */
  sample_size: z.int().positive().nullish(),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  downsample_padding: z.literal(1).default(1),
  transformer_layers_per_block: z.literal(1).default(1),
  addition_embed_type: absent,
  class_embed_type: absent,
  encoder_hid_dim: absent,
  time_cond_proj_dim: absent,
  cross_attention_norm: absent,
  timestep_post_act: absent,
  center_input_sample: z.literal(false).default(false),
  mid_block_scale_factor: z.literal(1).default(1),
  resnet_out_scale_factor: z.literal(1).default(1),
  resnet_skip_time_act: z.literal(false).default(false),
  time_embedding_type: z.literal('positional').default('positional'),
  resnet_time_scale_shift: z.literal('default').default('default'),
  only_cross_attention: z.literal(false).default(false),
  dual_cross_attention: z.literal(false).default(false),
  conv_in_kernel: z.literal(3).default(3),
  conv_out_kernel: z.literal(3).default(3),
});

/** UNet2DConditionModel of Stable Diffusion 1.x and 2.x. */
export const unetConfigSchema = unetFields
  .refine(
    ({ block_out_channels: channels, down_block_types: down, up_block_types: up }) =>
      down.length === channels.length && up.length === channels.length,
    { error: 'block_out_channels, down_block_types and up_block_types differ in length' },
  )
  .refine(groupsDivide, { error: 'norm_num_groups does not divide block_out_channels' });
export type UnetConfig = z.infer<typeof unetConfigSchema>;

function groupsDivide(config: { block_out_channels: number[]; norm_num_groups: number }): boolean {
  return config.block_out_channels.every((channels) => channels % config.norm_num_groups === 0);
}

/** AutoencoderKL. */
export const autoencoderConfigSchema = z
  .object({
    in_channels: z.literal(3),
    out_channels: z.literal(3),
    latent_channels: z.int().positive(),
    block_out_channels: z.array(z.int().positive()).min(1),
    layers_per_block: z.int().positive(),
    norm_num_groups: groups,
    scaling_factor: z.number().positive().default(0.18215),
    use_quant_conv: z.boolean().default(true),
    use_post_quant_conv: z.boolean().default(true),
    mid_block_add_attention: z.literal(true).default(true),
    act_fn: z.enum(['silu', 'swish']).default('silu'),
    shift_factor: absent,
    latents_mean: absent,
    latents_std: absent,
  })
  .refine(groupsDivide, { error: 'norm_num_groups does not divide block_out_channels' });
export type AutoencoderConfig = z.infer<typeof autoencoderConfigSchema>;

/** CLIPTextModel: OpenAI's ViT-L/14 in SD 1.x, OpenCLIP's ViT-H in SD 2.x. */
export const textEncoderConfigSchema = z.object({
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  max_position_embeddings: z.int().positive().default(77),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});
export type TextEncoderConfig = z.infer<typeof textEncoderConfigSchema>;

/**
 * Only what describes the training. The rest of a scheduler's config belongs to the sampler it was saved with and must not be
 * carried to another (InvokeAI issue 6368 shows what happens).
 */
export const schedulerConfigSchema = z.object({
  beta_start: z.number().positive().default(0.00085),
  beta_end: z.number().positive().default(0.012),
  beta_schedule: z.enum(['linear', 'scaled_linear']).default('scaled_linear'),
  num_train_timesteps: z.int().positive().default(1000),
  prediction_type: z.enum(['epsilon', 'v_prediction']).default('epsilon'),
  rescale_betas_zero_snr: z.boolean().default(false),
  trained_betas: absent,
});
export type SchedulerConfig = z.infer<typeof schedulerConfigSchema>;

/** The scheduler's config in our own words. */
export function trainingOf(config: SchedulerConfig): NoiseTraining {
  return {
    betaStart: config.beta_start,
    betaEnd: config.beta_end,
    betaSchedule: config.beta_schedule,
    trainTimesteps: config.num_train_timesteps,
    zeroTerminalSnr: config.rescale_betas_zero_snr,
  };
}
