import type { Pixels } from './contracts.ts';

/** The colours and the alpha of a picture apart; alpha is undefined where the picture has none. */
export function splitAlpha(image: Pixels): { colours: Pixels; alpha: Uint8Array | undefined } {
  if (image.channels === 3) return { colours: image, alpha: undefined };
  const count = image.width * image.height;
  const data = new Uint8Array(count * 3);
  const alpha = new Uint8Array(count);
  for (let pixel = 0; pixel < count; pixel += 1) {
    copyColour(image.data, pixel * 4, data, pixel * 3);
    alpha[pixel] = image.data[pixel * 4 + 3] ?? 0;
  }
  return { colours: { width: image.width, height: image.height, channels: 3, data }, alpha };
}

/** Colours with an alpha beside them. Without an alpha the colours come back as they are. */
export function joinAlpha(colours: Pixels, alpha: Uint8Array | undefined): Pixels {
  if (!alpha) return colours;
  const count = colours.width * colours.height;
  const data = new Uint8Array(count * 4);
  for (let pixel = 0; pixel < count; pixel += 1) {
    copyColour(colours.data, pixel * colours.channels, data, pixel * 4);
    data[pixel * 4 + 3] = alpha[pixel] ?? 0;
  }
  return { width: colours.width, height: colours.height, channels: 4, data };
}

/**
 * Gives every fully transparent pixel the colour of a near visible one, so that a network reading the colours does not
 * draw a line around the shape. Two sweeps over the picture with city-block distances; visible colours stay as they are.
 */
export function coverHidden(colours: Pixels, alpha: Uint8Array): Pixels {
  const { width, height } = colours;
  const data = Uint8Array.from(colours.data);
  const distance = Float64Array.from(alpha, (value) => (value > 0 ? 0 : Number.POSITIVE_INFINITY));
  const take = (pixel: number, neighbour: number) => {
    const reach = (distance[neighbour] ?? 0) + 1;
    if (reach >= (distance[pixel] ?? 0)) return;
    distance[pixel] = reach;
    copyColour(data, neighbour * 3, data, pixel * 3);
  };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      if (x > 0) take(pixel, pixel - 1);
      if (y > 0) take(pixel, pixel - width);
    }
  }
  for (let y = height - 1; y >= 0; y -= 1) {
    for (let x = width - 1; x >= 0; x -= 1) {
      const pixel = y * width + x;
      if (x + 1 < width) take(pixel, pixel + 1);
      if (y + 1 < height) take(pixel, pixel + width);
    }
  }
  return { width, height, channels: 3, data };
}

/** The picture as RGB over one colour, as a page would show it. */
export function flatten(image: Pixels, background: readonly [number, number, number]): Pixels {
  if (image.channels === 3) return image;
  const count = image.width * image.height;
  const data = new Uint8Array(count * 3);
  for (let pixel = 0; pixel < count; pixel += 1) {
    const alpha = (image.data[pixel * 4 + 3] ?? 0) / 255;
    for (let channel = 0; channel < 3; channel += 1) {
      const over = (image.data[pixel * 4 + channel] ?? 0) * alpha + (background[channel] ?? 0) * (1 - alpha);
      data[pixel * 3 + channel] = Math.floor(over + 0.5);
    }
  }
  return { width: image.width, height: image.height, channels: 3, data };
}

function copyColour(from: Uint8Array, source: number, to: Uint8Array, target: number): void {
  to[target] = from[source] ?? 0;
  to[target + 1] = from[source + 1] ?? 0;
  to[target + 2] = from[source + 2] ?? 0;
}
