import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Graph, readGraph } from '../../nodes/graph.ts';
import { infotextOf, sourceOf } from '../../nodes/infotext.ts';
import { applyPatch, type GraphPatch } from '../../nodes/patch.ts';

const set = (node: string, params: Record<string, unknown>): GraphPatch =>
  Object.entries(params).map(([param, value]) => ({ do: 'set-param', node, param, value }));
const portrait = applyPatch(
  readGraph(readFileSync(new URL('../../nodes/templates/portrait.json', import.meta.url), 'utf8')),
  set('diffusion', { seed: 7 }),
);
const graphWith = (...patches: GraphPatch[]): Graph => patches.reduce(applyPatch, portrait);

const digest = '0123456789abcdef'.repeat(4);
const digestOf = (model: string) => (model === 'bundled/aria-portraits' ? digest : undefined);
const write = (graph: Graph, item?: number) => infotextOf(graph, 'save', { digestOf, ...(item ? { item } : {}) });
const lastLine = (graph: Graph, item?: number) => write(graph, item)?.split('\n').at(-1);

describe('the infotext of a picture', () => {
  test('of the starter graph reads as A1111 writes it', () => {
    expect(write(portrait)).toBe(
      [
        'portrait of a smiling woman with long red hair and glasses, blue background',
        'Steps: 20, Sampler: Euler, Schedule type: Normal, CFG scale: 4, Seed: 7, Size: 128x128, ' +
          'Model hash: 0123456789, Model: aria-portraits, RNG: CPU',
      ].join('\n'),
    );
  });

  test('keeps prompts of several lines and puts the negative on its own', () => {
    const lines = write(graphWith(set('prompt', { text: 'a cat,\nasleep', negative: 'blurry,\ndark' })))?.split('\n');
    expect(lines?.slice(0, 4)).toEqual(['a cat,', 'asleep', 'Negative prompt: blurry,', 'dark']);
  });

  test('names samplers and schedules as A1111 does', () => {
    const graph = graphWith(
      set('diffusion', { sampler: 'dpmpp_2m_sde', schedule: 'karras', guidance: 7.5, clipSkip: 2 }),
    );
    expect(lastLine(graph)).toContain(
      'Sampler: DPM++ 2M SDE, Schedule type: Karras, CFG scale: 7.5, Seed: 7, Size: 128x128, ' +
        'Model hash: 0123456789, Model: aria-portraits, Clip skip: 2',
    );
  });

  test('gives the seed of each picture of a batch, exactly, and around the end of 64 bits', () => {
    const graph = graphWith(set('diffusion', { seed: '18446744073709551615', batch: 3 }));
    expect(lastLine(graph)).toContain('Seed: 18446744073709551615,');
    expect(lastLine(graph, 2)).toContain('Seed: 1,');
  });

  test('quotes values that would break the line', () => {
    const graph = graphWith(set('diffusion', { model: 'folder/odd, name: "x".safetensors' }));
    expect(lastLine(graph)).toContain('Size: 128x128, Model: "odd, name: \\"x\\"", RNG');
  });

  test('quotes a colon, which would look like another key', () => {
    const graph = graphWith(set('diffusion', { model: 'folder/a:b.safetensors' }));
    expect(lastLine(graph)).toContain('Model: "a:b", RNG');
  });

  test('mentions denoise only where there is a picture to start from', () => {
    const edge = { from: ['photo', 'image'] as [string, string], to: ['diffusion', 'image'] as [string, string] };
    const photo = { type: 'load-image', version: 1, params: {}, layout: { x: 0, y: 0 } };
    const graph = graphWith(set('diffusion', { denoise: 0.6 }), [
      { do: 'add-node', id: 'photo', node: photo },
      { do: 'add-edge', edge },
    ]);
    expect(lastLine(graph)).toContain('Denoising strength: 0.6');
    expect(lastLine(graphWith(set('diffusion', { denoise: 0.6 })))).not.toContain('Denoising');
  });

  test('leaves out what an edge decides, rather than guessing', () => {
    const graph = graphWith([{ do: 'add-edge', edge: { from: ['prompt', 'prompt'], to: ['diffusion', 'seed'] } }]);
    expect(lastLine(graph)).not.toContain('Seed');
    expect(sourceOf(graph, 'save')).toEqual({ node: 'diffusion', seed: undefined, model: 'bundled/aria-portraits' });
  });

  test('is absent where no diffusion node feeds the picture', () => {
    const cut = graphWith([{ do: 'remove-edge', edge: { from: ['diffusion', 'images'], to: ['upscale', 'image'] } }]);
    expect(write(cut)).toBeUndefined();
  });

  test('is about the last of two diffusion nodes, and survives a circle', () => {
    const second = portrait.nodes.diffusion;
    if (!second) throw new Error('The starter graph has no diffusion node.');
    const graph = graphWith([
      { do: 'add-node', id: 'second', node: { ...second, params: { ...second.params, seed: 99 } } },
      { do: 'add-edge', edge: { from: ['diffusion', 'images'], to: ['second', 'image'] } },
      { do: 'add-edge', edge: { from: ['second', 'images'], to: ['upscale', 'image'] } },
      { do: 'add-edge', edge: { from: ['save', 'image'], to: ['diffusion', 'image'] } },
    ]);
    expect(lastLine(graph)).toContain('Seed: 99');
  });
});
