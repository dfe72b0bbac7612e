/**
 * The names of Stable Diffusion's original code (CompVis "latent diffusion", LDM), which single-file checkpoints use, for the
 * names of diffusers that our builders ask for.
 */

const resnetParts: Readonly<Record<string, string>> = {
  norm1: 'in_layers.0',
  conv1: 'in_layers.2',
  time_emb_proj: 'emb_layers.1',
  norm2: 'out_layers.0',
  conv2: 'out_layers.3',
  conv_shortcut: 'skip_connection',
};

const ends: readonly (readonly [RegExp, string])[] = [
  [/^conv_in\./, 'input_blocks.0.0.'],
  [/^time_embedding\.linear_1\./, 'time_embed.0.'],
  [/^time_embedding\.linear_2\./, 'time_embed.2.'],
  [/^conv_norm_out\./, 'out.0.'],
  [/^conv_out\./, 'out.2.'],
];

const blockPattern = /^(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)$/;
const middlePattern = /^mid_block\.(resnets|attentions)\.(\d+)\.(.+)$/;

/**
 * LDM's names for a tensor of the denoiser, without the prefix `model.diffusion_model.`; the file has one of them. There are
 * two only for upsamplers, which come third in their block where it has attention and second where it has not.
 */
export function ldmUnetNames(name: string, layersPerBlock: number): string[] {
  for (const [pattern, replacement] of ends) if (pattern.test(name)) return [name.replace(pattern, replacement)];
  const middle = middlePattern.exec(name);
  if (middle) {
    const [, part, index, rest = ''] = middle;
    return [part === 'attentions' ? `middle_block.1.${rest}` : `middle_block.${Number(index) * 2}.${resnetName(rest)}`];
  }
  const block = blockPattern.exec(name);
  if (!block) return [];
  const [, direction, level, part, layer, rest = ''] = block;
  // LDM numbers the layers of all blocks in one row; a block has one layer more than `layersPerBlock` in either direction:
  // its downsampler on the way down, where input 0 is conv_in, and one more resnet on the way up.
  const first = Number(level) * (layersPerBlock + 1) + Number(layer);
  const position = direction === 'down' ? `input_blocks.${first + 1}` : `output_blocks.${first}`;
  if (part === 'resnets') return [`${position}.0.${resnetName(rest)}`];
  if (part === 'attentions') return [`${position}.1.${rest}`];
  const last = first + layersPerBlock;
  if (part === 'downsamplers') return [`input_blocks.${last + 1}.0.${rest.replace(/^conv\./, 'op.')}`];
  return [`output_blocks.${last}.2.${rest}`, `output_blocks.${last}.1.${rest}`];
}

function resnetName(rest: string): string {
  return rest.replace(/^\w+/, (part) => resnetParts[part] ?? part);
}

/** LDM's name for a tensor of the autoencoder, without the prefix `first_stage_model.`. LDM counts the decoder's levels backwards. */
export function ldmAutoencoderName(name: string, levels: number): string {
  const reversed = (level: string) => levels - 1 - Number(level);
  return name
    .replace(/\.mid_block\.resnets\.(\d+)\./, (_, index: string) => `.mid.block_${Number(index) + 1}.`)
    .replace('.mid_block.attentions.0.', '.mid.attn_1.')
    .replace('.group_norm.', '.norm.')
    .replace(/\.to_([qkv])\./, '.$1.')
    .replace('.to_out.0.', '.proj_out.')
    .replace(/\.down_blocks\.(\d+)\.resnets\.(\d+)\./, '.down.$1.block.$2.')
    .replace(/\.down_blocks\.(\d+)\.downsamplers\.0\./, '.down.$1.downsample.')
    .replace(
      /\.up_blocks\.(\d+)\.resnets\.(\d+)\./,
      (_, level: string, layer: string) => `.up.${reversed(level)}.block.${layer}.`,
    )
    .replace(/\.up_blocks\.(\d+)\.upsamplers\.0\./, (_, level: string) => `.up.${reversed(level)}.upsample.`)
    .replace('.conv_shortcut.', '.nin_shortcut.')
    .replace('.conv_norm_out.', '.norm_out.');
}
