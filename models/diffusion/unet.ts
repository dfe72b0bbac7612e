import type { CompiledNetwork, Compute, Value } from '../weights/graph-builder.ts';
import { NetworkBuilder } from '../weights/network-builder.ts';
import { sizeOf, type WeightSource } from '../weights/weight-source.ts';
import type { UnetConfig } from './configs.ts';

const transformerNormEpsilon = 1e-6;
const layerNormEpsilon = 1e-5;

/**
 * The denoiser (diffusers' UNet2DConditionModel): `sample` [batch, 4, h, w], `timestep` [batch] and `context`
 * [batch, tokens, width] to `prediction` [batch, 4, h, w]. Height and width may be any size, odd ones too.
 */
export function compileUnet(config: UnetConfig, weights: WeightSource, compute: Compute): CompiledNetwork {
  const net = new NetworkBuilder('unet', weights, compute);
  const sample = net.floatInput('sample', ['batch', config.in_channels, 'height', 'width']);
  const timestep = net.input('timestep', 'float32', ['batch']);
  const context = net.floatInput('context', ['batch', 'tokens', config.cross_attention_dim]);
  const blocks = new UnetBlocks(net, config, timeEmbedding(net, timestep, config), context);
  const { hidden, skips } = contract(net, blocks, config, sample);
  const expanded = expand(net, blocks, config, blocks.middle(hidden), skips);
  const normal = net.groupNorm(expanded, 'conv_norm_out', config.norm_num_groups, config.norm_eps);
  net.output('prediction', net.conv(net.silu(normal), 'conv_out'), ['batch', config.out_channels, 'height', 'width']);
  return net.finish();
}

/** Down to the smallest size, keeping every intermediate result for the way up. */
function contract(net: NetworkBuilder, blocks: UnetBlocks, config: UnetConfig, sample: Value) {
  let hidden = net.conv(sample, 'conv_in');
  const skips = [hidden];
  config.down_block_types.forEach((type, level) => {
    const name = `down_blocks.${level}`;
    for (let layer = 0; layer < config.layers_per_block; layer++) {
      hidden = blocks.resnet(hidden, `${name}.resnets.${layer}`);
      if (type === 'CrossAttnDownBlock2D') hidden = blocks.transformer(hidden, `${name}.attentions.${layer}`, level);
      skips.push(hidden);
    }
    if (level === config.down_block_types.length - 1) return;
    hidden = net.conv(hidden, `${name}.downsamplers.0.conv`, { stride: 2 });
    skips.push(hidden);
  });
  return { hidden, skips };
}

/** Up again, each layer joined with the result of the same size from the way down. */
function expand(net: NetworkBuilder, blocks: UnetBlocks, config: UnetConfig, middle: Value, skips: Value[]): Value {
  let hidden = middle;
  const last = config.up_block_types.length - 1;
  config.up_block_types.forEach((type, block) => {
    const name = `up_blocks.${block}`;
    for (let layer = 0; layer <= config.layers_per_block; layer++) {
      const joined = net.operation('Concat', [hidden, takeLast(skips)], { axis: 1 });
      hidden = blocks.resnet(joined, `${name}.resnets.${layer}`);
      if (type === 'CrossAttnUpBlock2D')
        hidden = blocks.transformer(hidden, `${name}.attentions.${layer}`, last - block);
    }
    if (block < last) hidden = net.conv(net.upsample(hidden, skips.at(-1)), `${name}.upsamplers.0.conv`);
  });
  return hidden;
}

function takeLast(skips: Value[]): Value {
  const skip = skips.pop();
  if (skip === undefined) throw new RangeError('Expected as many layers upwards as downwards but received more');
  return skip;
}

/** Sinusoids of the timestep through two layers, active already: every resnet begins with the same SiLU. */
function timeEmbedding(net: NetworkBuilder, timestep: Value, config: UnetConfig): Value {
  const [width = 0] = config.block_out_channels;
  const half = width / 2;
  const frequency = (index: number) => Math.exp((-Math.log(10_000) * index) / (half - config.freq_shift));
  const frequencies = net.floats(
    'frequencies',
    Float32Array.from({ length: half }, (_, index) => frequency(index)),
    [1, half],
  );
  // Angles reach 999 radians, where float16 has no decimals left, so they are always float32.
  const angle = net.operation('Mul', [net.operation('Unsqueeze', [timestep, net.integers(1)]), frequencies]);
  const [sine, cosine] = [net.operation('Sin', [angle]), net.operation('Cos', [angle])];
  const parts = config.flip_sin_to_cos ? [cosine, sine] : [sine, cosine];
  const waves = net.cast(net.operation('Concat', parts, { axis: 1 }), 'float32', net.compute);
  const hidden = net.silu(net.linear(waves, 'time_embedding.linear_1', { rank: 2 }));
  return net.silu(net.linear(hidden, 'time_embedding.linear_2', { rank: 2 }));
}

class UnetBlocks {
  readonly #net: NetworkBuilder;
  readonly #config: UnetConfig;
  readonly #time: Value;
  readonly #context: Value;

  constructor(net: NetworkBuilder, config: UnetConfig, time: Value, context: Value) {
    this.#net = net;
    this.#config = config;
    this.#time = time;
    this.#context = context;
  }

  middle(x: Value): Value {
    const before = this.resnet(x, 'mid_block.resnets.0');
    const attended = this.transformer(before, 'mid_block.attentions.0', this.#config.block_out_channels.length - 1);
    return this.resnet(attended, 'mid_block.resnets.1');
  }

  resnet(x: Value, name: string): Value {
    const net = this.#net;
    const first = net.conv(this.#active(x, `${name}.norm1`), `${name}.conv1`);
    const time = net.linear(this.#time, `${name}.time_emb_proj`, { rank: 2 });
    const timed = net.add(first, net.operation('Unsqueeze', [time, net.integers(2, 3)]));
    const second = net.conv(this.#active(timed, `${name}.norm2`), `${name}.conv2`);
    const shortcut = `${name}.conv_shortcut`;
    return net.add(net.has(`${shortcut}.weight`) ? net.conv(x, shortcut) : x, second);
  }

  transformer(x: Value, name: string, level: number): Value {
    const net = this.#net;
    const channels = sizeOf(net.entry(`${name}.norm.weight`).shape);
    const normal = net.groupNorm(x, `${name}.norm`, this.#config.norm_num_groups, transformerNormEpsilon);
    const { tokens, back } = net.tokens(normal, channels);
    // A 1×1 convolution before the tokens and a linear layer after them are the same, so `use_linear_projection` changes nothing.
    const projected = net.linear(tokens, `${name}.proj_in`);
    const block = this.#transformerBlock(projected, `${name}.transformer_blocks.0`, this.#heads(level));
    return net.add(back(net.linear(block, `${name}.proj_out`)), x);
  }

  #transformerBlock(x: Value, name: string, heads: number): Value {
    const net = this.#net;
    const normal = (value: Value, index: number) => net.layerNorm(value, `${name}.norm${index}`, layerNormEpsilon);
    const own = normal(x, 1);
    const attended = net.add(this.#attention(own, own, `${name}.attn1`, heads), x);
    const informed = net.add(this.#attention(normal(attended, 2), this.#context, `${name}.attn2`, heads), attended);
    return net.add(this.#gatedLayer(normal(informed, 3), `${name}.ff`), informed);
  }

  #attention(x: Value, context: Value, name: string, heads: number): Value {
    const net = this.#net;
    const query = net.linear(x, `${name}.to_q`);
    const key = net.linear(context, `${name}.to_k`);
    const value = net.linear(context, `${name}.to_v`);
    return net.linear(net.attention(query, key, value, heads), `${name}.to_out.0`);
  }

  /** GEGLU: the first half of the outputs times the GELU of the second, as two products with halves of one matrix. */
  #gatedLayer(x: Value, name: string): Value {
    const net = this.#net;
    const [outputs = 0] = net.entry(`${name}.net.0.proj.weight`).shape;
    const content = net.linear(x, `${name}.net.0.proj`, { rows: [0, outputs / 2] });
    const gate = net.linear(x, `${name}.net.0.proj`, { rows: [outputs / 2, outputs] });
    return net.linear(net.operation('Mul', [content, net.gelu(gate)]), `${name}.net.2`);
  }

  #active(x: Value, norm: string): Value {
    return this.#net.silu(this.#net.groupNorm(x, norm, this.#config.norm_num_groups, this.#config.norm_eps));
  }

  #heads(level: number): number {
    const heads = this.#config.num_attention_heads ?? this.#config.attention_head_dim;
    return typeof heads === 'number' ? heads : (heads[level] ?? 1);
  }
}
