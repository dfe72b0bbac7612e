import type { Pixels } from '../../models/contracts.ts';
import { decode, encodePng, type PictureLimits, resize } from '../../models/pixels.ts';
import type { NodeContext } from '../../nodes/define-node.ts';
import type { ImageRef } from '../../nodes/ports.ts';
import type { ContentStore } from './content.ts';

type Size = Pick<Pixels, 'width' | 'height'>;

/** The pictures of nodes, and the door through which a person's own come in. */
export interface Images extends Readonly<NodeContext['images']> {
  /** Keeps the file of an upload as it is, for good. Rejects with `ImageError` when it is no picture within the limits. */
  accept(bytes: Uint8Array, signal: AbortSignal): Promise<ImageRef>;
}

/** 100 megapixels and 200 MB. */
export const defaultPictureLimits: PictureLimits = { pixels: 100_000_000, bytes: 200_000_000 };

/** Pictures in the content store: results as PNG, uploads in the format they came in. */
export function createImages(content: ContentStore, limits: PictureLimits = defaultPictureLimits): Images {
  return {
    async read({ digest }, signal, cover) {
      signal.throwIfAborted();
      const pixels = await decode(await content.read(digest), limits, signal);
      return cover ? covering(onWhite(pixels), cover) : pixels;
    },
    async write(pixels) {
      const digest = await content.write(await encodePng(pixels));
      return { digest, width: pixels.width, height: pixels.height };
    },
    async accept(bytes, signal) {
      // Decoding it whole makes a damaged file fail at the door, not in a run.
      const { width, height } = await decode(bytes, limits, signal);
      const digest = await content.write(bytes);
      await content.keep(digest);
      return { digest, width, height };
    },
  };
}

/** Scaled until it covers the size, then cropped around its middle. */
async function covering(pixels: Pixels, { width, height }: Size): Promise<Pixels> {
  const scale = Math.max(width / pixels.width, height / pixels.height);
  const scaledWidth = Math.max(width, Math.round(pixels.width * scale));
  const scaledHeight = Math.max(height, Math.round(pixels.height * scale));
  return crop(await resize(pixels, scaledWidth, scaledHeight, 'lanczos3'), { width, height });
}

function crop(pixels: Pixels, { width, height }: Size): Pixels {
  if (pixels.width === width && pixels.height === height) return pixels;
  const { channels } = pixels;
  const left = Math.floor((pixels.width - width) / 2);
  const top = Math.floor((pixels.height - height) / 2);
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * pixels.width + left) * channels;
    data.set(pixels.data.subarray(start, start + width * channels), row * width * channels);
  }
  return { width, height, channels, data };
}

function onWhite({ width, height, channels, data }: Pixels): Pixels {
  if (channels === 3) return { width, height, channels, data };
  const flat = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = (data[pixel * 4 + 3] ?? 0) / 255;
    for (let channel = 0; channel < 3; channel++) {
      flat[pixel * 3 + channel] = Math.round((data[pixel * 4 + channel] ?? 0) * alpha + 255 * (1 - alpha));
    }
  }
  return { width, height, channels: 3, data: flat };
}
