import * as z from 'zod';
import { defineNode } from './define-node.ts';
import { fields, model } from './fields.ts';
import { image } from './ports.ts';

/** Enlarges an image with a super-resolution network, one tile at a time. */
export const upscale = defineNode({
  type: 'upscale',
  version: 1,
  title: 'Upscale',
  help: 'Makes a picture larger and crisper with a network trained for it. Choose the illustration model for drawings, the general one for photos.',
  category: 'enhance',
  aliases: ['enlarge', 'super resolution', 'esrgan', 'resize', 'bigger'],
  lane: 'gpu',
  purity: 'pure',
  bypass: { image: 'image' },
  params: {
    model: model('upscaler', 'bundled/upscale-illustration-x4'),
    tile: z.int().min(64).max(1024).multipleOf(32).default(256).register(fields, {
      label: 'Tile size',
      unit: 'px',
      control: 'slider',
      advanced: true,
      hint: 'Smaller tiles need less memory. The result is the same.',
    }),
  },
  inputs: { image: image('Image') },
  outputs: { image: image('Upscaled') },
  // The same model id with new weights must not hit old results.
  fingerprint: (params, models) => models.digest(params.model),
  infer({ model: id }, { image: size }, { models }) {
    const scale = models.find((known) => known.id === id)?.scale;
    return { image: size && scale ? { ...size, width: size.width * scale, height: size.height * scale } : undefined };
  },
  async execute({ params, inputs, models, images, signal, progress }) {
    await using upscaler = await models.lease('upscaler', params.model, signal);
    const source = await images.read(inputs.image, signal);
    const enlarged = await upscaler.upscale(source, { tile: params.tile, signal, progress });
    return { image: await images.write(enlarged) };
  },
});
