import type { Pixels } from '../../models/contracts.ts';

/** A picture with soft slopes, hard edges and fixed noise, made from its size alone. */
export function testPicture(width: number, height: number, channels: 3 | 4 = 3): Pixels {
  const data = new Uint8Array(width * height * channels);
  for (let index = 0; index < data.length; index += 1) {
    const pixel = Math.floor(index / channels);
    const [x, y, channel] = [pixel % width, Math.floor(pixel / width), index % channels];
    const noise = (Math.imul((pixel * 4 + channel) ^ 0x9e3779b9, 0x85ebca6b) >>> 26) & 31;
    const stripe = (x + 2 * y) % 23 < 9 ? 90 : 0;
    data[index] = channel === 3 ? (x * 255) / width : (x * 2 + y * (channel + 1) + stripe + noise) % 256;
  }
  return { width, height, channels, data };
}

/** One colour everywhere. */
export function plainPicture(width: number, height: number, colour: readonly number[]): Pixels {
  const channels = colour.length === 4 ? 4 : 3;
  const data = Uint8Array.from({ length: width * height * channels }, (_, index) => colour[index % channels] ?? 0);
  return { width, height, channels, data };
}

/** Largest difference between two pictures of the same size, in levels. */
export function mostDifferent(one: Pixels, other: Pixels): number {
  if (one.data.length !== other.data.length) throw new Error('Expected two pictures of the same size.');
  return one.data.reduce((most, value, index) => Math.max(most, Math.abs(value - (other.data[index] ?? 0))), 0);
}

/** Work that nobody stops or watches. */
export const quietWork = { signal: new AbortController().signal, progress: () => {} };
