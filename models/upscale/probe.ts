import type { Pixels, Tensor } from '../contracts.ts';
import { ModelError } from '../errors.ts';
import { type PictureNetwork, type PictureTraits, pictureNetwork } from '../picture-network.ts';
import { fromPlanes, type Range, toPlanes, zeroTo255, zeroToOne } from '../planes.ts';
import type { Session } from '../session.ts';

const probeSide = 32;
const multiples = [1, 2, 4, 8, 16];
const contextSide = 96;
const mostOverlap = 32;

/**
 * Finds out by running what a network of RGB pictures needs: its scale, the multiple its sides must have, whether colours go
 * from 0 to 1 or to 255, and how far a pixel reaches. Rejects with `ModelError` when the result is no enlarged picture.
 */
export async function probe(
  session: Session,
  size: { width: number; height: number } | undefined,
  model: string,
): Promise<PictureTraits> {
  const probing = (range: Range) => pictureNetwork(session, { scale: 1, multiple: 1, overlap: 0, range }, model);
  const network = probing(zeroToOne);
  const scale = await scaleOf(network, size ?? { width: 64, height: 64 }, model);
  const multiple = size ? 1 : await multipleOf(network, scale);
  const side = size ?? { width: 64, height: 64 };
  const range = await rangeOf(probing, side, scale, model);
  const overlap = size ? Math.min(mostOverlap, Math.floor(size.width / 8)) : await reachOf(probing(range), scale);
  return { scale, multiple, range, overlap, size };
}

async function scaleOf(
  network: PictureNetwork,
  side: { width: number; height: number },
  model: string,
): Promise<number> {
  const { dims } = await run(network, smooth(side.width, side.height), model);
  const scale = (dims[2] ?? 0) / side.height;
  if (dims.length === 4 && dims[1] === 3 && Number.isInteger(scale) && scale >= 1 && dims[3] === side.width * scale)
    return scale;
  throw new ModelError(
    model,
    `Expected ${model} to enlarge by a whole number but ${side.width} × ${side.height} became [${dims.join(', ')}].`,
  );
}

async function run(network: PictureNetwork, image: Pixels, model: string): Promise<Tensor> {
  try {
    return await network.run(whole(image, network.range));
  } catch (cause) {
    throw new ModelError(
      model,
      `Expected ${model} to accept a picture of ${image.width} × ${image.height} but it failed.`,
      { cause },
    );
  }
}

/** The smallest multiple whose odd multiples work: windowed and folded networks refuse, or shrink, everything between. */
async function multipleOf(network: PictureNetwork, scale: number): Promise<number> {
  for (const multiple of multiples) {
    if (await accepts(network, probeSide + multiple, scale)) return multiple;
  }
  return (await accepts(network, 3 * probeSide, scale)) ? probeSide : 2 * probeSide;
}

async function accepts(network: PictureNetwork, side: number, scale: number): Promise<boolean> {
  try {
    const { dims } = await network.run(whole(smooth(side, side), network.range));
    return dims[2] === side * scale && dims[3] === side * scale;
  } catch {
    // A refusal is the answer to the question: this size does not work.
    return false;
  }
}

/** Which range gives back the picture that went in. The usual one wins unless the other is clearly closer. */
async function rangeOf(
  probing: (range: Range) => PictureNetwork,
  side: { width: number; height: number },
  scale: number,
  model: string,
): Promise<Range> {
  const image = smooth(side.width, side.height);
  const usual = await differenceFrom(image, await run(probing(zeroToOne), image, model), scale, zeroToOne);
  const bytes = await differenceFrom(image, await run(probing(zeroTo255), image, model), scale, zeroTo255);
  const best = usual <= 8 || usual <= bytes * 1.5 ? zeroToOne : zeroTo255;
  if (Math.min(usual, bytes) <= 40) return best;
  throw new ModelError(
    model,
    `Expected ${model} to give back an enlarged picture but the result differs by ${Math.min(usual, bytes).toFixed(0)} of 255 levels on average.`,
  );
}

/** Mean difference in levels between a picture and its enlargement; infinite where the result is no number. */
async function differenceFrom(image: Pixels, result: Tensor, scale: number, range: Range): Promise<number> {
  const [height = 0, width = 0] = [result.dims[2], result.dims[3]];
  let sum = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const source = (Math.floor(y / scale) * image.width + Math.floor(x / scale)) * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        const value = ((result.data[(channel * height + y) * width + x] ?? Number.NaN) - range.offset) / range.gain;
        sum += Math.abs(value - (image.data[source + channel] ?? 0));
      }
    }
  }
  return Number.isFinite(sum) ? sum / (width * height * 3) : Number.POSITIVE_INFINITY;
}

/** How many pixels beyond a change the result still differs by a level: the context that tiles must share. */
async function reachOf(network: PictureNetwork, scale: number): Promise<number> {
  const changed = contextSide / 3;
  const before = fromPlanes(await network.run(whole(grain(contextSide, 0), network.range)), network.range);
  const after = fromPlanes(await network.run(whole(grain(contextSide, changed), network.range)), network.range);
  for (let column = before.width - 1; column >= changed * scale; column -= 1) {
    for (let row = 0; row < before.height; row += 1) {
      const pixel = (row * before.width + column) * 3;
      const differs = [0, 1, 2].some((channel) => before.data[pixel + channel] !== after.data[pixel + channel]);
      if (differs) return Math.min(mostOverlap, Math.ceil((column + 1) / scale) - changed);
    }
  }
  return 0;
}

function whole(image: Pixels, range: Range): Tensor {
  return toPlanes(image, { left: 0, top: 0, width: image.width, height: image.height }, range);
}

/** A soft slope of colours, which every enlargement gives back nearly unchanged. */
function smooth(width: number, height: number): Pixels {
  return paint(width, height, (x, y, channel) => 60 + (130 * (channel === 0 ? x : y)) / Math.max(width, height));
}

/** Fixed noise; the first `changed` columns are another noise. */
function grain(side: number, changed: number): Pixels {
  return paint(side, side, (x, y, channel) => {
    const seed = (x * 374761393 + y * 668265263 + channel * 2246822519 + (x < changed ? 3266489917 : 0)) >>> 0;
    return (Math.imul(seed ^ (seed >>> 13), 1274126177) >>> 16) & 255;
  });
}

function paint(width: number, height: number, colour: (x: number, y: number, channel: number) => number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let index = 0; index < data.length; index += 1) {
    const pixel = Math.floor(index / 3);
    data[index] = colour(pixel % width, Math.floor(pixel / width), index % 3);
  }
  return { width, height, channels: 3, data };
}
