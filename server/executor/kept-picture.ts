import type { ModelPool } from '../../models/contracts.ts';
import { encodePng } from '../../models/pixels.ts';
import type { Graph } from '../../nodes/graph.ts';
import { infotextOf, seedOfItem, sourceOf } from '../../nodes/infotext.ts';
import { chunksOf } from '../../nodes/png-chunks.ts';
import { asciiJson, withPngText } from '../../nodes/png-text.ts';
import type { ImageRef } from '../../nodes/ports.ts';
import type { RunGallery } from '../engine/machine.ts';
import type { ContentStore } from '../store/content.ts';
import type { Gallery } from '../store/gallery.ts';
import type { Images } from '../store/images.ts';

export interface GalleryParts {
  readonly gallery: Gallery;
  readonly content: ContentStore;
  readonly images: Images;
  readonly models: ModelPool;
}

/**
 * The gallery of one run: each picture carries the graph as it ran (PNG text "aria"), and how it was made as A1111 writes
 * it ("parameters"). Nothing of the run itself goes in, so equal runs give equal files.
 */
export function galleryOfRun(graph: Graph, { gallery, content, images, models }: GalleryParts): RunGallery {
  // Under which id a graph is stored here says nothing to others, and would make equal pictures unequal.
  const { id: _stored, ...shared } = graph;
  const document = asciiJson(shared);

  async function pngOf(ref: ImageRef, signal: AbortSignal): Promise<Uint8Array> {
    const stored = await content.read(ref.digest);
    // An upload may be of another format, or carry texts that would speak of another graph.
    return isPlainPng(stored) ? stored : encodePng(await images.read(ref, signal));
  }

  return {
    async save(ref, { name, signal, node, item }) {
      const source = sourceOf(graph, node);
      const digest = source?.model === undefined ? undefined : await models.digest(source.model);
      const infotext = infotextOf(graph, node, { digestOf: () => digest, item });
      const png = withPngText(await pngOf(ref, signal), {
        aria: document,
        ...(infotext === undefined ? {} : { parameters: infotext }),
      });
      const seed = source?.seed === undefined ? undefined : seedOfItem(source.seed, item);
      return gallery.keep({ png, name, suffix: seed === undefined ? ref.digest.slice(0, 8) : String(seed) }, signal);
    },
  };
}

const pictureChunks = new Set(['IHDR', 'pHYs', 'IDAT', 'IEND']);

function isPlainPng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x50 && chunksOf(bytes).every(({ type }) => pictureChunks.has(type));
}
