import type { Pixels } from '../contracts.ts';
import { read, sampleAt } from './bilinear.ts';
import { apply, invert, type Similarity } from './similarity.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** What GFPGAN shows around a face that reaches beyond the picture. */
export const faceBorder: Colour = [135, 133, 132];
export const black: Colour = [0, 0, 0];

// Enough for faces of 2048 pixels; beyond, the aliasing of one in four pixels is not seen after restoration.
const mostSamples = 4;

/**
 * A square of `size` pixels through a similarity from the picture to the square, as RGB: bilinear, pixel centres on whole
 * numbers as in cv2.warpAffine. Where the picture shrinks, several samples are averaged, which cv2 does not do.
 */
export function warp(image: Pixels, toSquare: Similarity, size: number, border: Colour): Pixels {
  const back = invert(toSquare);
  const samples = Math.min(mostSamples, Math.max(1, Math.round(Math.hypot(back.a, back.b))));
  const share = 1 / (samples * samples);
  const data = new Uint8Array(size * size * 3);
  const sums = new Float64Array(3);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      sums.fill(0);
      for (let index = 0; index < samples * samples; index += 1) {
        const column = x + ((index % samples) + 0.5) / samples - 0.5;
        const row = y + (Math.floor(index / samples) + 0.5) / samples - 0.5;
        addColour(image, apply(back, [column, row]), border, sums);
      }
      for (let channel = 0; channel < 3; channel += 1) {
        data[(y * size + x) * 3 + channel] = Math.floor((sums[channel] ?? 0) * share + 0.5);
      }
    }
  }
  return { width: size, height: size, channels: 3, data };
}

function addColour(image: Pixels, [x, y]: readonly [number, number], border: Colour, sums: Float64Array): void {
  const inside = x > -1 && y > -1 && x < image.width && y < image.height;
  const sample = inside ? sampleAt(x, y, image.width, image.height, image.channels) : undefined;
  for (let channel = 0; channel < 3; channel += 1) {
    sums[channel] = (sums[channel] ?? 0) + (sample ? read(image.data, sample, channel) : (border[channel] ?? 0));
  }
}
