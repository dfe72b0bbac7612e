import type { Pixels, Tensor } from '../contracts.ts';
import type { AutoencoderConfig } from './configs.ts';

/**
 * A reading of latents as colours from -1 to 1 that costs nothing next to the decoder: the sum of a few terms of each latent,
 * one row of red, green and blue for each term. The terms are 1, the channels, and the products of two channels; a
 * table may leave out the last ones.
 */
export type PreviewFactors = readonly (readonly [red: number, green: number, blue: number])[];

/** For the latent space that all of Stable Diffusion 1.x and 2.x share. Source: ComfyUI, comfy/latent_formats.py, SD15. */
export const stableDiffusionFactors: PreviewFactors = [
  [0, 0, 0],
  [0.3512, 0.2297, 0.3227],
  [0.325, 0.4974, 0.235],
  [-0.2829, 0.1762, 0.2721],
  [-0.212, -0.2616, -0.7177],
];

/** Whether an autoencoder has the shape of Stable Diffusion's own, for whose latents the factors are known. */
export function hasStableDiffusionLatents({ scaling_factor, block_out_channels }: AutoencoderConfig): boolean {
  return scaling_factor === 0.18215 && block_out_channels.join() === '128,256,512,512';
}

/** Scaled latents [1, channels, h, w] as a picture of one pixel each. */
export function previewOf(latents: Tensor, factors: PreviewFactors): Pixels {
  const [, , height = 0, width = 0] = latents.dims;
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const terms = termsAt(latents, pixel);
    for (let colour = 0; colour < 3; colour++) {
      const value = factors.reduce((sum, row, index) => sum + (row[colour] ?? 0) * (terms[index] ?? 0), 0);
      data[pixel * 3 + colour] = Math.round(Math.min(Math.max((value + 1) * 127.5, 0), 255));
    }
  }
  return { width, height, channels: 3, data };
}

/**
 * Factors that read `latents` [1, channels, h, w] most like the mean colours of their picture `image` [1, 3, H, W] from -1
 * to 1: least squares over all latents, held back by a ridge so that products do not run wild on unusual latents.
 */
export function fitPreview(latents: Tensor, image: Tensor): PreviewFactors {
  const [, , height = 0, width = 0] = latents.dims;
  const unknowns = termsAt(latents, 0).length;
  const ridge = 30;
  const equations = Array.from({ length: unknowns }, (_, row) => {
    return Float64Array.from({ length: unknowns + 3 }, (_, column) => (row === column ? ridge : 0));
  });
  for (let pixel = 0; pixel < width * height; pixel++) {
    addSample(equations, termsAt(latents, pixel), meanColour(image, pixel, width));
  }
  return solve(equations).map(([red = 0, green = 0, blue = 0]) => [red, green, blue]);
}

function termsAt({ dims, data }: Tensor, pixel: number): number[] {
  const [, channels = 0, height = 0, width = 0] = dims;
  const values = Array.from({ length: channels }, (_, channel) => data[channel * height * width + pixel] ?? 0);
  const products = values.flatMap((value, channel) => values.slice(channel).map((other) => value * other));
  return [1, ...values, ...products];
}

/** The mean of the square of pixels that one latent stands for. */
function meanColour({ dims, data }: Tensor, latent: number, latentsPerRow: number): number[] {
  const [, , height = 0, width = 0] = dims;
  const side = width / latentsPerRow;
  const left = (latent % latentsPerRow) * side;
  const top = Math.floor(latent / latentsPerRow) * side;
  return [0, 1, 2].map((colour) => {
    let sum = 0;
    for (let y = top; y < top + side; y++) {
      const row = (colour * height + y) * width;
      for (let x = left; x < left + side; x++) sum += data[row + x] ?? 0;
    }
    return sum / (side * side);
  });
}

/** Adds one sample to the normal equations [AᵀA | AᵀB]. */
function addSample(equations: readonly Float64Array[], terms: readonly number[], wanted: readonly number[]): void {
  const all = [...terms, ...wanted];
  for (const [index, row] of equations.entries()) {
    const weight = terms[index] ?? 0;
    for (const [column, value] of all.entries()) row[column] = (row[column] ?? 0) + weight * value;
  }
}

/** Gauss-Jordan elimination of [A | B] with A symmetric and positive definite, which needs no pivoting. Changes its argument. */
function solve(equations: readonly Float64Array[]): Float64Array[] {
  for (const [index, pivot] of equations.entries()) {
    const head = pivot[index] ?? 1;
    for (const [column, value] of pivot.entries()) pivot[column] = value / head;
    for (const row of equations) {
      const factor = row === pivot ? 0 : (row[index] ?? 0);
      for (const [column, value] of pivot.entries()) row[column] = (row[column] ?? 0) - factor * value;
    }
  }
  return equations.map((row) => row.slice(equations.length));
}
