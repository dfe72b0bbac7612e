import type { Pixels, Tensor } from './contracts.ts';
import { NonFiniteError } from './errors.ts';

/** A rectangle of a picture, in whole pixels; parts outside the picture repeat its edge. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Colours between 0 and 255 as `value · gain + offset`: what a network reads, or the other way round. */
export interface Range {
  readonly gain: number;
  readonly offset: number;
}
export const zeroToOne: Range = { gain: 1 / 255, offset: 0 };
export const zeroTo255: Range = { gain: 1, offset: 0 };
export const minusOneToOne: Range = { gain: 2 / 255, offset: -1 };

/** The colours of a region, channel by channel, alpha left out. */
export function toPlanes(image: Pixels, region: Region, range: Range): Tensor {
  const { width, height } = region;
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let y = 0; y < height; y += 1) {
    const row = clamp(region.top + y, image.height) * image.width;
    for (let x = 0; x < width; x += 1) {
      const source = (row + clamp(region.left + x, image.width)) * image.channels;
      const target = y * width + x;
      data[target] = (image.data[source] ?? 0) * range.gain + range.offset;
      data[target + plane] = (image.data[source + 1] ?? 0) * range.gain + range.offset;
      data[target + 2 * plane] = (image.data[source + 2] ?? 0) * range.gain + range.offset;
    }
  }
  return { dims: [1, 3, height, width], data }; // [1, 3, h, w]
}

/** Copies `from` (in the tensor's own pixels) to `left`, `top` of an interleaved RGB picture, rounding and clipping. */
export function pastePlanes(
  tensor: Tensor,
  from: Region,
  target: { data: Uint8Array; width: number; left: number; top: number },
  range: Range,
): void {
  const width = tensor.dims[3] ?? 0;
  const plane = width * (tensor.dims[2] ?? 0);
  for (let y = 0; y < from.height; y += 1) {
    let source = (from.top + y) * width + from.left;
    let to = ((target.top + y) * target.width + target.left) * 3;
    for (let x = 0; x < from.width; x += 1, source += 1, to += 3) {
      for (let channel = 0; channel < 3; channel += 1) {
        const value = tensor.data[source + channel * plane] ?? Number.NaN;
        target.data[to + channel] = toByte((value - range.offset) / range.gain);
      }
    }
  }
}

/** A whole tensor [1, 3, h, w] as an RGB picture. Throws `NonFiniteError` on NaN or infinity. */
export function fromPlanes(tensor: Tensor, range: Range): Pixels {
  const height = tensor.dims[2] ?? 0;
  const width = tensor.dims[3] ?? 0;
  const data = new Uint8Array(width * height * 3);
  pastePlanes(tensor, { left: 0, top: 0, width, height }, { data, width, left: 0, top: 0 }, range);
  return { width, height, channels: 3, data };
}

// A Uint8Array would turn NaN into 0 without a word: a black picture in place of a failure.
function toByte(value: number): number {
  if (value >= 0 && value <= 255) return Math.floor(value + 0.5);
  if (!Number.isFinite(value)) {
    throw new NonFiniteError(
      'Expected colours from the network but received values that are no numbers. Its weights or its precision are at fault.',
    );
  }
  return value < 0 ? 0 : 255;
}

const clamp = (index: number, length: number) => (index < 0 ? 0 : index >= length ? length - 1 : index);
