import * as z from 'zod';
import { defineNode } from './define-node.ts';
import { fields, model } from './fields.ts';
import { image } from './ports.ts';

const detectorId = 'bundled/face-detector';

/** Finds faces, aligns, repairs and pastes them back; or cleans up the whole picture. */
export const faceRestore = defineNode({
  type: 'face-restore',
  version: 1,
  title: 'Face restore',
  help: 'Repairs faces: finds each one, straightens it, restores it and pastes it back. For illustrations, where face detectors are blind, restore the whole picture instead.',
  category: 'enhance',
  aliases: ['gfpgan', 'codeformer', 'face fix', 'portrait', 'restore faces'],
  lane: 'gpu',
  purity: 'pure',
  bypass: { image: 'image' },
  params: {
    model: model('face-restorer', 'bundled/face-clean-up'),
    area: z
      .enum(['faces', 'picture'])
      .default('faces')
      .register(fields, {
        label: 'Area',
        choices: { faces: 'Each face (photos)', picture: 'Whole picture (illustrations)' },
      }),
    strength: z.number().min(0).max(1).multipleOf(0.05).default(0.5).register(fields, {
      label: 'Strength',
      control: 'slider',
      hint: 'For the bundled clean-up: 1 suits illustrations, 0.5 suits photos.',
    }),
    fidelity: z.number().min(0).max(1).multipleOf(0.05).default(0.5).register(fields, {
      label: 'Fidelity',
      control: 'slider',
      advanced: true,
      hint: 'Only for CodeFormer: 0 restores most, 1 stays closest to the input.',
    }),
    threshold: z.number().min(0.05).max(0.95).multipleOf(0.05).default(0.4).register(fields, {
      label: 'Detection threshold',
      control: 'slider',
      advanced: true,
      hint: 'Lower finds more faces, and more things that are none.',
    }),
  },
  inputs: { image: image('Image') },
  outputs: { image: image('Restored') },
  async fingerprint({ model: id, area }, models) {
    const restorer = await models.digest(id);
    return area === 'faces' ? `${restorer} ${await models.digest(detectorId)}` : restorer;
  },
  infer: (_params, { image: size }) => ({ image: size }),
  async execute({ params, inputs, models, images, signal, progress, warn }) {
    const { area, strength, fidelity, threshold } = params;
    await using restorer = await models.lease('face-restorer', params.model, signal);
    const source = await images.read(inputs.image, signal);
    if (area === 'picture') {
      return { image: await images.write(await restorer.restoreWhole(source, { strength, signal, progress })) };
    }
    await using detector = await models.lease('face-detector', detectorId, signal);
    const searching = (fraction: number) => progress(fraction * 0.3);
    const faces = await detector.detect(source, { threshold, signal, progress: searching });
    if (faces.length === 0) {
      warn('No face was found, so the picture is unchanged. For an illustration set the area to the whole picture.');
      return { image: inputs.image };
    }
    const restoring = (fraction: number) => progress(0.3 + fraction * 0.7);
    const restored = await restorer.restoreFaces(source, faces, { strength, fidelity, signal, progress: restoring });
    return { image: await images.write(restored) };
  },
});
