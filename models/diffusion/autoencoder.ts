import type { CompiledNetwork, Compute, Value } from '../weights/graph-builder.ts';
import { NetworkBuilder } from '../weights/network-builder.ts';
import { sizeOf, type WeightSource } from '../weights/weight-source.ts';
import type { AutoencoderConfig } from './configs.ts';

const normEpsilon = 1e-6;

/** Pixels per latent along one side. */
export function downscaleOf(config: AutoencoderConfig): number {
  return 2 ** (config.block_out_channels.length - 1);
}

/** The decoder: `latent` [batch, channels, h, w], divided by the scaling factor, to `image` [batch, 3, H, W] around -1 to 1. */
export function compileDecoder(config: AutoencoderConfig, weights: WeightSource, compute: Compute): CompiledNetwork {
  const net = new NetworkBuilder('autoencoder_decoder', weights, compute);
  const blocks = new AutoencoderBlocks(net, config.norm_num_groups);
  const last = config.block_out_channels.length - 1;
  let hidden = net.floatInput('latent', ['batch', config.latent_channels, 'height', 'width']);
  if (config.use_post_quant_conv) hidden = net.conv(hidden, 'post_quant_conv');
  hidden = blocks.middle(net.conv(hidden, 'decoder.conv_in'), 'decoder.mid_block');
  for (let level = 0; level <= last; level++) {
    hidden = blocks.resnets(hidden, `decoder.up_blocks.${level}`, config.layers_per_block + 1);
    if (level < last) hidden = net.conv(net.upsample(hidden), `decoder.up_blocks.${level}.upsamplers.0.conv`);
  }
  const image = blocks.head(hidden, 'decoder');
  net.output('image', image, ['batch', config.out_channels, 'image_height', 'image_width']);
  return net.finish();
}

/** The encoder: `image` [batch, 3, H, W] from -1 to 1 to `moments` [batch, 2·channels, h, w], means first, then log variances. */
export function compileEncoder(config: AutoencoderConfig, weights: WeightSource, compute: Compute): CompiledNetwork {
  const net = new NetworkBuilder('autoencoder_encoder', weights, compute);
  const blocks = new AutoencoderBlocks(net, config.norm_num_groups);
  const last = config.block_out_channels.length - 1;
  const image = net.floatInput('image', ['batch', config.in_channels, 'image_height', 'image_width']);
  let hidden = net.conv(image, 'encoder.conv_in');
  for (let level = 0; level <= last; level++) {
    hidden = blocks.resnets(hidden, `encoder.down_blocks.${level}`, config.layers_per_block);
    if (level === last) continue;
    // Stable Diffusion's autoencoder pads only at the right and at the bottom before it halves.
    hidden = net.conv(hidden, `encoder.down_blocks.${level}.downsamplers.0.conv`, { stride: 2, pads: [0, 0, 1, 1] });
  }
  hidden = blocks.head(blocks.middle(hidden, 'encoder.mid_block'), 'encoder');
  if (config.use_quant_conv) hidden = net.conv(hidden, 'quant_conv');
  net.output('moments', hidden, ['batch', 2 * config.latent_channels, 'height', 'width']);
  return net.finish();
}

/** The parts that encoder and decoder share. */
class AutoencoderBlocks {
  readonly #net: NetworkBuilder;
  readonly #groups: number;

  constructor(net: NetworkBuilder, groups: number) {
    this.#net = net;
    this.#groups = groups;
  }

  resnets(x: Value, name: string, count: number): Value {
    let hidden = x;
    for (let index = 0; index < count; index++) hidden = this.#resnet(hidden, `${name}.resnets.${index}`);
    return hidden;
  }

  middle(x: Value, name: string): Value {
    const before = this.#resnet(x, `${name}.resnets.0`);
    return this.#resnet(this.#attention(before, `${name}.attentions.0`), `${name}.resnets.1`);
  }

  head(x: Value, name: string): Value {
    return this.#net.conv(this.#active(x, `${name}.conv_norm_out`), `${name}.conv_out`);
  }

  #active(x: Value, norm: string): Value {
    return this.#net.silu(this.#net.groupNorm(x, norm, this.#groups, normEpsilon));
  }

  #resnet(x: Value, name: string): Value {
    const net = this.#net;
    const first = net.conv(this.#active(x, `${name}.norm1`), `${name}.conv1`);
    const second = net.conv(this.#active(first, `${name}.norm2`), `${name}.conv2`);
    const shortcut = `${name}.conv_shortcut`;
    return net.add(net.has(`${shortcut}.weight`) ? net.conv(x, shortcut) : x, second);
  }

  /** One head over all pixels. */
  #attention(x: Value, name: string): Value {
    const net = this.#net;
    const channels = sizeOf(net.entry(`${name}.group_norm.weight`).shape);
    const { tokens, back } = net.tokens(net.groupNorm(x, `${name}.group_norm`, this.#groups, normEpsilon), channels);
    const project = (part: string) => net.linear(tokens, `${name}.to_${part}`);
    const attended = net.attention(project('q'), project('k'), project('v'), 1);
    return net.add(back(net.linear(attended, `${name}.to_out.0`)), x);
  }
}
