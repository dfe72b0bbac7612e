import type { CompiledNetwork, Compute, Value } from '../weights/graph-builder.ts';
import { NetworkBuilder } from '../weights/network-builder.ts';
import type { WeightSource } from '../weights/weight-source.ts';
import type { TextEncoderConfig } from './configs.ts';

export interface TextEncoderOptions {
  /** 1 takes the last layer's result, 2 that of the layer before it, and so on; later layers are left out altogether. */
  readonly clipSkip: number;
  readonly compute: Compute;
}

/**
 * CLIP's text transformer: `input_ids` int32 [batch, 77] to `hidden_states` float32 [batch, 77, width], after the final layer
 * norm whatever the skip, as Stable Diffusion 1.x and 2.x expect it. Names and layout are those of transformers' CLIPTextModel.
 * Throws `RangeError` when no layer is left.
 */
export function compileTextEncoder(
  config: TextEncoderConfig,
  weights: WeightSource,
  { clipSkip, compute }: TextEncoderOptions,
): CompiledNetwork {
  const layers = config.num_hidden_layers - (clipSkip - 1);
  if (!Number.isInteger(clipSkip) || clipSkip < 1 || layers < 1) {
    throw new RangeError(`Expected a clip skip from 1 to ${config.num_hidden_layers} but received ${clipSkip}`);
  }
  const net = new NetworkBuilder('text_encoder', weights, compute);
  const { max_position_embeddings: positions, layer_norm_eps: epsilon, hidden_size: width } = config;
  const ids = net.input('input_ids', 'int32', ['batch', positions]);
  const embedded = net.operation('Gather', [net.weight('text_model.embeddings.token_embedding.weight'), ids]);
  let hidden = net.add(embedded, net.weight('text_model.embeddings.position_embedding.weight'));
  for (let layer = 0; layer < layers; layer++) {
    hidden = transformerLayer(net, hidden, `text_model.encoder.layers.${layer}`, config);
  }
  const final = net.layerNorm(hidden, 'text_model.final_layer_norm', epsilon);
  net.output('hidden_states', final, ['batch', positions, width]);
  return net.finish();
}

function transformerLayer(net: NetworkBuilder, x: Value, name: string, config: TextEncoderConfig): Value {
  const { layer_norm_eps: epsilon, num_attention_heads: heads } = config;
  const normal = net.layerNorm(x, `${name}.layer_norm1`, epsilon);
  const project = (part: string) => net.linear(normal, `${name}.self_attn.${part}_proj`);
  const attended = net.attention(project('q'), project('k'), project('v'), heads, true);
  const middle = net.add(x, net.linear(attended, `${name}.self_attn.out_proj`));
  const wide = net.linear(net.layerNorm(middle, `${name}.layer_norm2`, epsilon), `${name}.mlp.fc1`);
  const active = config.hidden_act === 'gelu' ? net.gelu(wide) : net.quickGelu(wide);
  return net.add(middle, net.linear(active, `${name}.mlp.fc2`));
}
