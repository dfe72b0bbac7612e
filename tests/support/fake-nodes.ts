import * as z from 'zod';
import { defineNode } from '../../nodes/define-node.ts';
import { fields, model, seed } from '../../nodes/fields.ts';
import { image, images, ports, text } from '../../nodes/ports.ts';

const number = (label: string) => z.number().register(ports, { kind: 'number', label });
const optionalNumber = (label: string) => z.number().optional().register(ports, { kind: 'number', label });
const numbers = (label: string) => z.array(z.number()).register(ports, { kind: 'number', label, list: true });
const field = (label: string) => z.number().default(0).register(fields, { label });
const common = { help: 'For tests.', category: 'generate', lane: 'cpu', purity: 'pure' } as const;

/** What the slow node does meanwhile; tests put their own behaviour here. */
export interface Behaviour {
  /** Called while a `slow` node executes, with its label. */
  slow(label: string, signal: AbortSignal): Promise<void>;
  /** How often each node has executed, by its label or type. */
  readonly executed: string[];
}

/** Nodes that cost next to nothing, with every kind of port, parameter, lane and purity. */
export function fakeCatalog(behaviour: Behaviour) {
  const note = (name: string) => void behaviour.executed.push(name);
  return {
    number: defineNode({
      ...common,
      type: 'number',
      version: 1,
      title: 'Number',
      params: { value: field('Value') },
      inputs: {},
      outputs: { value: number('Value') },
      async execute({ params }) {
        note('number');
        return { value: params.value };
      },
    }),
    add: defineNode({
      ...common,
      type: 'add',
      version: 1,
      title: 'Add',
      bypass: { sum: 'a' },
      params: { plus: field('Plus') },
      inputs: { a: number('A'), b: optionalNumber('B') },
      outputs: { sum: number('Sum') },
      async execute({ params, inputs }) {
        note('add');
        return { sum: inputs.a + (inputs.b ?? 0) + params.plus };
      },
    }),
    floor: defineNode({
      ...common,
      type: 'floor',
      version: 1,
      title: 'Floor',
      params: {},
      inputs: { value: number('Value') },
      outputs: { value: number('Value') },
      async execute({ inputs }) {
        note('floor');
        return { value: Math.floor(inputs.value) };
      },
    }),
    list: defineNode({
      ...common,
      type: 'list',
      version: 1,
      title: 'List',
      params: { values: z.array(z.number()).default([]).register(fields, { label: 'Values' }) },
      inputs: {},
      outputs: { values: numbers('Values') },
      execute: async ({ params }) => ({ values: params.values }),
    }),
    repeat: defineNode({
      ...common,
      type: 'repeat',
      version: 1,
      title: 'Repeat',
      params: {},
      inputs: { value: number('Value') },
      outputs: { values: numbers('Values') },
      execute: async ({ inputs }) => ({ values: [inputs.value, inputs.value] }),
    }),
    total: defineNode({
      ...common,
      type: 'total',
      version: 1,
      title: 'Total',
      params: {},
      inputs: { values: numbers('Values') },
      outputs: { sum: number('Sum') },
      execute: async ({ inputs }) => ({ sum: inputs.values.reduce((sum, value) => sum + value, 0) }),
    }),
    text: defineNode({
      ...common,
      type: 'text',
      version: 1,
      title: 'Text',
      params: { text: z.string().default('').register(fields, { label: 'Text' }) },
      inputs: {},
      outputs: { text: text('Text') },
      execute: async ({ params }) => ({ text: params.text }),
    }),
    seeded: defineNode({
      ...common,
      type: 'seeded',
      version: 1,
      title: 'Seeded',
      purity: 'seeded',
      params: { seed: seed() },
      inputs: {},
      outputs: { text: text('Text') },
      execute: async ({ params }) => ({ text: String(params.seed) }),
    }),
    painted: defineNode({
      ...common,
      type: 'painted',
      version: 1,
      title: 'Painted',
      params: { shade: z.int().min(0).max(255).default(0).register(fields, { label: 'Shade' }) },
      inputs: {},
      outputs: { image: image('Image') },
      async execute({ params, images: store }) {
        note('painted');
        const data = new Uint8Array(4 * 4 * 3).fill(params.shade);
        return { image: await store.write({ width: 4, height: 4, channels: 3, data }) };
      },
    }),
    batch: defineNode({
      ...common,
      type: 'batch',
      version: 1,
      title: 'Batch',
      params: { count: z.int().default(2).register(fields, { label: 'Count' }) },
      inputs: {},
      outputs: { images: images('Images') },
      async execute({ params, images: store }) {
        const shades = Array.from({ length: params.count }, (_, shade) => shade);
        const paint = (shade: number) =>
          store.write({ width: 1, height: 1, channels: 3, data: new Uint8Array([shade, 0, 0]) });
        return { images: await Promise.all(shades.map(paint)) };
      },
    }),
    brighten: defineNode({
      ...common,
      type: 'brighten',
      version: 1,
      title: 'Brighten',
      lane: 'gpu',
      bypass: { image: 'image' },
      params: { model: model('upscaler', 'fake/x2') },
      inputs: { image: image('Image') },
      outputs: { image: image('Image') },
      fingerprint: (params, models) => models.digest(params.model),
      async execute({ params, inputs, models, images: store, signal, progress }) {
        note('brighten');
        await using upscaler = await models.lease('upscaler', params.model, signal);
        const source = await store.read(inputs.image, signal);
        return { image: await store.write(await upscaler.upscale(source, { tile: 256, signal, progress })) };
      },
    }),
    slow: defineNode({
      ...common,
      type: 'slow',
      version: 1,
      title: 'Slow',
      lane: 'gpu',
      params: { label: z.string().default('slow').register(fields, { label: 'Label' }) },
      inputs: { value: optionalNumber('Value') },
      outputs: { value: number('Value') },
      async execute({ params, inputs, models, signal, progress, warn }) {
        await using _model = await models.lease('upscaler', 'fake/x2', signal);
        note(params.label);
        progress(0.5);
        await behaviour.slow(params.label, signal);
        progress(0.9);
        if (params.label.startsWith('warns')) warn('It was slow.');
        return { value: (inputs.value ?? 0) + params.label.length };
      },
    }),
    fails: defineNode({
      ...common,
      type: 'fails',
      version: 1,
      title: 'Fails',
      params: { message: z.string().default('the reason').register(fields, { label: 'Message' }) },
      inputs: { value: optionalNumber('Value') },
      outputs: { value: number('Value') },
      async execute({ params }) {
        note('fails');
        throw new Error(params.message);
      },
    }),
    keep: defineNode({
      ...common,
      type: 'keep',
      version: 1,
      title: 'Keep',
      lane: 'io',
      purity: 'effect',
      output: true,
      params: { name: z.string().default('kept').register(fields, { label: 'File name' }) },
      inputs: { image: image('Image') },
      outputs: { file: text('File') },
      async execute({ params, inputs, gallery, signal }) {
        return gallery.save(inputs.image, { name: params.name, signal });
      },
    }),
  };
}
