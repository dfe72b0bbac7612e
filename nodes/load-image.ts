import { defineNode } from './define-node.ts';
import { picture } from './fields.ts';
import { image } from './ports.ts';

/** Starts a graph from a picture of your own. */
export const loadImage = defineNode({
  type: 'load-image',
  version: 1,
  title: 'Load image',
  help: 'Brings a picture of your own into the graph. Drop a file on the node, or choose one.',
  category: 'source',
  aliases: ['open', 'input', 'photo', 'upload', 'picture'],
  lane: 'io',
  purity: 'pure',
  params: { image: picture('Picture') },
  inputs: {},
  outputs: { image: image('Image') },
  infer: ({ image: chosen }) => ({ image: chosen }),
  async execute({ params, images, signal }) {
    if (!params.image) throw new Error('Expected a picture for Load image but none was chosen.');
    // Reading it here makes a missing or damaged file fail at this node, not three nodes later.
    await images.read(params.image, signal);
    return { image: params.image };
  },
});
