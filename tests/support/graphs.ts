import { type Graph, parseGraph } from '../../nodes/graph.ts';

/** Words, a picture painted from them, and its place in the gallery: `words`, `paint` and `keep`. */
export const portrait = (paint: Record<string, unknown> = {}): Graph =>
  parseGraph({
    format: 1,
    name: 'Portrait',
    nodes: {
      words: { type: 'prompt', params: { text: 'a face' } },
      paint: { type: 'diffusion', params: paint },
      keep: { type: 'save' },
    },
    edges: [
      { from: ['words', 'prompt'], to: ['paint', 'prompt'] },
      { from: ['paint', 'images'], to: ['keep', 'image'] },
    ],
  });
