import type { Pixels, Tensor } from '../contracts.ts';
import type { AutoencoderConfig } from './configs.ts';

/**
 * A linear reading of latents as colours from -1 to 1: `colour = offset + Σ factor·channel`, one row of three for each latent
 * channel, which costs nothing next to the decoder.
 */
export interface PreviewFactors {
  readonly rows: readonly (readonly [red: number, green: number, blue: number])[];
  readonly offset: readonly [red: number, green: number, blue: number];
}

/** For the latent space that all of Stable Diffusion 1.x and 2.x share. Source: ComfyUI, comfy/latent_formats.py, SD15. */
export const stableDiffusionFactors: PreviewFactors = {
  rows: [
    [0.3512, 0.2297, 0.3227],
    [0.325, 0.4974, 0.235],
    [-0.2829, 0.1762, 0.2721],
    [-0.212, -0.2616, -0.7177],
  ],
  offset: [0, 0, 0],
};

/** Whether an autoencoder has the shape of Stable Diffusion's own, for whose latents the factors are known. */
export function hasStableDiffusionLatents({ scaling_factor, block_out_channels }: AutoencoderConfig): boolean {
  return scaling_factor === 0.18215 && block_out_channels.join() === '128,256,512,512';
}

/** Scaled latents [1, channels, h, w] as a picture of one pixel each. */
export function previewOf(latents: Tensor, { rows, offset }: PreviewFactors): Pixels {
  const [, , height = 0, width = 0] = latents.dims;
  const plane = width * height;
  const data = new Uint8Array(plane * 3);
  for (let pixel = 0; pixel < plane; pixel++) {
    offset.forEach((start, colour) => {
      const value = rows.reduce(
        (sum, row, channel) => sum + (row[colour] ?? 0) * valueAt(latents, channel, plane, pixel),
        start,
      );
      data[pixel * 3 + colour] = Math.round(Math.min(Math.max((value + 1) * 127.5, 0), 255));
    });
  }
  return { width, height, channels: 3, data };
}

/**
 * Factors that read `latents` [n, channels, h, w] most like the mean colours of their decoded `image` [n, 3, H, W] from -1 to 1:
 * ordinary least squares over all latents.
 */
export function fitPreview(latents: Tensor, image: Tensor): PreviewFactors {
  const [count = 0, channels = 0, height = 0, width = 0] = latents.dims;
  const plane = height * width;
  const unknowns = channels + 1;
  const normal = Array.from({ length: unknowns }, () => new Float64Array(unknowns + 3));
  for (let picture = 0; picture < count; picture++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      const known = Array.from({ length: channels }, (_, channel) =>
        valueAt(latents, picture * channels + channel, plane, pixel),
      );
      const position = { picture, x: pixel % width, y: Math.floor(pixel / width), width };
      addEquation(
        normal,
        [...known, 1],
        [0, 1, 2].map((colour) => meanColour(image, position, colour)),
      );
    }
  }
  const solution = solve(normal);
  const rows = solution.map((row): [number, number, number] => [row[0] ?? 0, row[1] ?? 0, row[2] ?? 0]);
  return { rows: rows.slice(0, channels), offset: rows[channels] ?? [0, 0, 0] };
}

function valueAt(tensor: Tensor, plane: number, planeSize: number, index: number): number {
  return tensor.data[plane * planeSize + index] ?? 0;
}

/** The mean of the square of pixels that one latent stands for. */
function meanColour(
  image: Tensor,
  latent: { picture: number; x: number; y: number; width: number },
  colour: number,
): number {
  const [, , height = 0, width = 0] = image.dims;
  const side = width / latent.width;
  let sum = 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const pixel = (latent.y * side + y) * width + latent.x * side + x;
      sum += valueAt(image, latent.picture * 3 + colour, height * width, pixel);
    }
  }
  return sum / (side * side);
}

function addEquation(normal: readonly Float64Array[], known: readonly number[], wanted: readonly number[]): void {
  normal.forEach((row, index) => {
    const weight = known[index] ?? 0;
    [...known, ...wanted].forEach((value, column) => {
      row[column] = (row[column] ?? 0) + weight * value;
    });
  });
}

/** Gauss-Jordan elimination of [A | B] with A symmetric and positive definite, which needs no pivoting. */
function solve(matrix: readonly Float64Array[]): Float64Array[] {
  matrix.forEach((pivot, index) => {
    const head = pivot[index] ?? 1;
    pivot.forEach((value, column) => {
      pivot[column] = value / head;
    });
    for (const row of matrix) {
      if (row === pivot) continue;
      const factor = row[index] ?? 0;
      row.forEach((value, column) => {
        row[column] = value - factor * (pivot[column] ?? 0);
      });
    }
  });
  return matrix.map((row) => row.slice(matrix.length));
}
