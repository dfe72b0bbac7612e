import { setImmediate as nextTurn } from 'node:timers/promises';
import { coverHidden, joinAlpha, splitAlpha } from '../alpha.ts';
import type { Face, FaceRestorer, ModelInfo, Pixels, Tensor } from '../contracts.ts';
import { ModelError } from '../errors.ts';
import type { PictureNetwork } from '../picture-network.ts';
import { fromPlanes, toPlanes } from '../planes.ts';
import { throughTiles } from '../upscale/tiled.ts';
import { type Paste, paste } from './paste.ts';
import { faceTemplate, fitSimilarity, type Similarity } from './similarity.ts';
import { faceBorder, warp } from './warp.ts';

/** What differs between networks that repair faces. */
export interface RestorerNetwork extends PictureNetwork {
  readonly wholePictures: boolean;
  readonly fidelity: boolean;
  /** How its faces go back: `delta` for networks that change little, `replace` for those that draw a new face. */
  readonly mode: Paste['mode'];
  /** Repairs one aligned face [1, 3, s, s]; `fidelity` from 0 to 1 where the network has that input. */
  runFace(face: Tensor, fidelity: number): Promise<Tensor>;
}

const templateSide = 512;
const wholeTile = 512;

/** A network that repairs faces, as nodes see it: align, repair, paste back. */
export function faceRestorerFrom(info: ModelInfo, network: RestorerNetwork): FaceRestorer {
  return {
    info,
    wholePictures: network.wholePictures,
    fidelity: network.fidelity,
    async restoreFaces(image, faces, { strength, fidelity, signal, progress }) {
      const result = { ...image, data: Uint8Array.from(image.data) };
      for (const [index, face] of faces.entries()) {
        await nextTurn();
        signal.throwIfAborted();
        paste(result, { ...(await repaired(image, face, network, fidelity)), strength, mode: network.mode });
        progress((index + 1) / faces.length);
      }
      return result;
    },
    async restoreWhole(image, { strength, signal, progress }) {
      if (!network.wholePictures) {
        throw new ModelError(
          info.id,
          `${info.title} repairs single faces only. Set the area to each face, or choose another model.`,
        );
      }
      const { colours, alpha } = splitAlpha(image);
      const covered = alpha ? coverHidden(colours, alpha) : colours;
      const restored = await throughTiles(covered, network, { tile: wholeTile, signal, progress });
      return joinAlpha(mix(colours, restored, strength), alpha);
    },
  };
}

async function repaired(image: Pixels, face: Face, network: RestorerNetwork, fidelity: number) {
  const { toSquare, side } = alignment(face, network);
  const aligned = warp(image, toSquare, side, faceBorder);
  const region = { left: 0, top: 0, width: side, height: side };
  const restored = await network.runFace(toPlanes(aligned, region, network.range), fidelity);
  const [, channels, height, width] = restored.dims;
  if (channels !== 3 || height !== side || width !== side) {
    throw new RangeError(
      `Expected a face of [1, 3, ${side}, ${side}] from the network but received [${restored.dims.join(', ')}].`,
    );
  }
  return { toSquare, aligned, restored: fromPlanes(restored, network.range) };
}

function alignment(face: Face, network: RestorerNetwork): { toSquare: Similarity; side: number } {
  const large = fitSimilarity(face.points, faceTemplate);
  if (!large) throw new RangeError('Expected five different points for a face but they coincide.');
  // A face small enough to fit into half the square gains nothing from the other three quarters of the work.
  const enlarges = Math.hypot(large.a, large.b) >= 2;
  const side = network.size?.width ?? (enlarges ? templateSide / 2 : templateSide);
  const factor = side / templateSide;
  return { toSquare: { a: large.a * factor, b: large.b * factor, tx: large.tx * factor, ty: large.ty * factor }, side };
}

function mix(before: Pixels, after: Pixels, strength: number): Pixels {
  const data = before.data.map((value, index) =>
    Math.floor(value + strength * ((after.data[index] ?? 0) - value) + 0.5),
  );
  return { ...before, data };
}
