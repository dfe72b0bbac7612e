import * as z from 'zod';
import { defineNode } from './define-node.ts';
import { fields } from './fields.ts';
import { image, text } from './ports.ts';

/** Keeps a picture in the gallery, with the graph that made it inside the file. */
export const save = defineNode({
  type: 'save',
  version: 1,
  title: 'Save',
  help: 'Keeps the picture in the dated gallery. The graph that made it travels inside the PNG: drop the file on the canvas to get it back.',
  category: 'output',
  aliases: ['export', 'write', 'gallery', 'output', 'png'],
  lane: 'io',
  purity: 'effect',
  output: true,
  params: {
    name: z
      .string()
      .min(1, 'Expected a file name.')
      .max(80, 'Expected a file name of at most 80 characters.')
      .regex(/^[^/\\:*?"<>|\p{Cc}]+$/u, 'Expected a file name without / \\ : * ? " < > |.')
      .default('picture')
      .register(fields, { label: 'File name' }),
  },
  inputs: { image: image('Image') },
  outputs: { image: image('Saved'), file: text('File') },
  infer: (_params, { image: size }) => ({ image: size }),
  async execute({ params, inputs, gallery, signal }) {
    const { file, already } = await gallery.save(inputs.image, { name: params.name, signal });
    return { image: inputs.image, file, already };
  },
});
