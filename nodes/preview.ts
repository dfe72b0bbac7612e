import { defineNode } from './define-node.ts';
import { image } from './ports.ts';

/** Shows a picture on the canvas without keeping it. */
export const preview = defineNode({
  type: 'preview',
  version: 1,
  title: 'Preview',
  help: 'Shows the picture here without saving it to the gallery.',
  category: 'output',
  aliases: ['show', 'view', 'look'],
  lane: 'cpu',
  purity: 'pure',
  output: true,
  params: {},
  inputs: { image: image('Image') },
  outputs: { image: image('Image') },
  infer: (_params, { image: size }) => ({ image: size }),
  execute: async ({ inputs }) => ({ image: inputs.image }),
});
