import * as z from 'zod';
import { samplerNames, scheduleNames } from '../models/contracts.ts';
import { defineNode } from './define-node.ts';
import { samplePictures } from './diffusion-parts.ts';
import { fields, model, seed } from './fields.ts';
import { images, optionalImage, prompt } from './ports.ts';

const side = (label: string) =>
  z.int().min(64).max(2048).multipleOf(8).default(128).register(fields, { label, unit: 'px', control: 'slider' });

/** Paints pictures from words, or repaints a given picture, with a Stable Diffusion checkpoint. */
export const diffusion = defineNode({
  type: 'diffusion',
  version: 1,
  title: 'Diffusion',
  help: 'Paints a picture from a prompt. Connect a picture and lower "denoise" to repaint it instead. The number at "seed" belongs to the first picture; each further picture of a batch uses the next number.',
  category: 'generate',
  aliases: ['ksampler', 'txt2img', 'img2img', 'stable diffusion', 'generate', 'sampler'],
  lane: 'gpu',
  purity: 'seeded',
  params: {
    model: model('diffuser', 'bundled/aria-portraits'),
    width: side('Width'),
    height: side('Height'),
    seed: seed(),
    steps: z.int().min(1).max(150).default(20).register(fields, { label: 'Steps', control: 'slider' }),
    guidance: z.number().min(1).max(30).multipleOf(0.1).default(4).register(fields, {
      label: 'Guidance',
      control: 'slider',
      hint: 'How closely the picture follows the prompt.',
    }),
    sampler: z.enum(samplerNames).default('euler').register(fields, { label: 'Sampler' }),
    schedule: z.enum(scheduleNames).default('normal').register(fields, { label: 'Schedule' }),
    denoise: z.number().gt(0).max(1).multipleOf(0.01).default(1).register(fields, {
      label: 'Denoise',
      control: 'slider',
      hint: 'With a picture connected: 1 ignores it, small values change it a little.',
    }),
    batch: z.int().min(1).max(16).default(1).register(fields, { label: 'Pictures' }),
    clipSkip: z.int().min(1).max(12).default(1).register(fields, {
      label: 'Clip skip',
      advanced: true,
      hint: '1 uses the last layer of the text encoder, 2 the one before.',
    }),
  },
  inputs: { prompt: prompt('Prompt'), image: optionalImage('Start from') },
  outputs: { images: images('Pictures') },
  fingerprint: (params, models) => models.digest(params.model),
  infer: ({ width, height, batch }) => ({ images: { width, height, count: batch } }),
  check({ denoise, model: id, width, height }, connected, { models }) {
    const remarks = [];
    if (denoise < 1 && !connected.has('image')) {
      remarks.push({
        severity: 'warning' as const,
        port: 'denoise',
        message: 'Denoise below 1 has little to start from without a picture at "Start from".',
      });
    }
    const native = models.find((known) => known.id === id)?.nativeSize;
    if (native && (Math.min(width, height) < native / 2 || Math.max(width, height) > native * 2)) {
      remarks.push({
        severity: 'warning' as const,
        port: 'width',
        message: `This model was trained at ${native} × ${native} px; ${width} × ${height} px may look wrong.`,
      });
    }
    return remarks;
  },
  async execute({ params, inputs, models, images: store, signal, progress, warn }) {
    await using diffuser = await models.lease('diffuser', params.model, signal);
    const start = inputs.image && (await store.read(inputs.image, signal, params));
    const pictures = await samplePictures(diffuser, params, inputs.prompt, start, { signal, progress, warn });
    return { images: await Promise.all(pictures.map((picture) => store.write(picture))) };
  },
});
