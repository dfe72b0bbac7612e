import { coverHidden, joinAlpha, splitAlpha } from '../alpha.ts';
import type { ModelInfo, Upscaler } from '../contracts.ts';
import type { PictureNetwork } from '../picture-network.ts';
import { resizePlane } from '../pixels.ts';
import { throughTiles } from './tiled.ts';

/** A super-resolution network as nodes see it. Alpha is enlarged by Lanczos beside the colours, which hide nothing that could bleed. */
export function upscalerFrom(info: ModelInfo, network: PictureNetwork): Upscaler {
  return {
    info,
    scale: network.scale,
    async upscale(image, work) {
      const { colours, alpha } = splitAlpha(image);
      const enlarged = await throughTiles(alpha ? coverHidden(colours, alpha) : colours, network, work);
      return joinAlpha(enlarged, alpha && (await resizePlane(alpha, image, enlarged)));
    },
  };
}
