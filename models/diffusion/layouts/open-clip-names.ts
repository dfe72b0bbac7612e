const replacements: readonly (readonly [RegExp, string])[] = [
  [/^text_model\./, ''],
  [/^embeddings\.token_embedding\./, 'token_embedding.'],
  [/^embeddings\.position_embedding\.weight$/, 'positional_embedding'],
  [/^final_layer_norm\./, 'ln_final.'],
  [/^encoder\.layers\./, 'transformer.resblocks.'],
  [/\.layer_norm([12])\./, '.ln_$1.'],
  [/\.mlp\.fc1\./, '.mlp.c_fc.'],
  [/\.mlp\.fc2\./, '.mlp.c_proj.'],
  [/\.self_attn\.out_proj\./, '.attn.out_proj.'],
];

/** Where OpenCLIP keeps a tensor of transformers' CLIPTextModel: under another name, or as a third of a joined matrix. */
export interface OpenClipPlace {
  readonly name: string;
  /** Which third of the rows, for query, key and value. */
  readonly third?: 0 | 1 | 2;
}

const thirds = { q: 0, k: 1, v: 2 } as const;

/** OpenCLIP's place for a name of transformers, as single files of Stable Diffusion 2.x have it. */
export function openClipPlace(name: string): OpenClipPlace {
  const renamed = replacements.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), name);
  const projection = /^(.*)\.self_attn\.([qkv])_proj\.(weight|bias)$/.exec(renamed);
  if (!projection) return { name: renamed };
  const [, layer, part, kind] = projection;
  return { name: `${layer}.attn.in_proj_${kind}`, third: part === 'q' || part === 'k' ? thirds[part] : thirds.v };
}
