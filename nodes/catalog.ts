import type { Catalog, NodeDefinition } from './define-node.ts';
import { diffusion } from './diffusion.ts';
import { faceRestore } from './face-restore.ts';
import { loadImage } from './load-image.ts';
import { preview } from './preview.ts';
import { prompt } from './prompt.ts';
import { save } from './save.ts';
import { upscale } from './upscale.ts';

/** Every node there is. Adding a node is one new file and one line here. */
export const catalog = {
  prompt,
  'load-image': loadImage,
  diffusion,
  upscale,
  'face-restore': faceRestore,
  preview,
  save,
} satisfies Record<string, NodeDefinition>;
export type NodeType = keyof typeof catalog;

/** The definition of a type, or nothing for a type this version does not know. */
export const definitionOf = (type: string, known: Catalog = catalog): NodeDefinition | undefined =>
  Object.hasOwn(known, type) ? known[type] : undefined;
