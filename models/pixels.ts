import sharp, { type Metadata, type Sharp } from 'sharp';
import type { Pixels } from './contracts.ts';
import { ImageError } from './errors.ts';

// libvips keeps decoded pictures for reuse; ours are each read once, so that memory would only be held.
sharp.cache(false);

/** How much of a picture is accepted before it is decoded. */
export interface PictureLimits {
  /** Largest width × height. */
  readonly pixels: number;
  /** Largest file in bytes. */
  readonly bytes: number;
}

export type ResizeKernel = 'nearest' | 'linear' | 'cubic' | 'lanczos3';

// Not SVG, PDF or anything else that is a program to draw a picture: those may read other files.
const formats = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif', 'avif']);
const formatNames = 'PNG, JPEG, WebP, AVIF, GIF or TIFF';

/**
 * Any picture file as interleaved 8-bit sRGB, upright (EXIF), with alpha only where the file has it.
 * Embedded colour profiles, CMYK, grey, palettes and 16 bits are converted; of an animation the first picture is taken.
 * The size is read from the header before a pixel is decoded. Rejects with `ImageError`.
 */
export async function decode(bytes: Uint8Array, limits: PictureLimits, signal?: AbortSignal): Promise<Pixels> {
  signal?.throwIfAborted();
  await headerOf(bytes, limits);
  signal?.throwIfAborted();
  const upright = sharp(bytes, { limitInputPixels: limits.pixels, failOn: 'error' }).autoOrient();
  try {
    return await rawPixels(upright.toColourspace('srgb'));
  } catch (cause) {
    throw new ImageError('Expected a whole picture but the file is damaged or cut short. Choose another copy of it.', {
      cause,
    });
  }
}

/** Width and height as they will be seen, and the format, from the header alone. Rejects with `ImageError`. */
export async function headerOf(
  bytes: Uint8Array,
  limits: PictureLimits,
): Promise<{ width: number; height: number; format: string }> {
  if (bytes.length === 0) throw new ImageError('Expected a picture but the file is empty.');
  if (bytes.length > limits.bytes) {
    throw new ImageError(
      `Expected a file of at most ${megabytes(limits.bytes)} MB for a picture but received ${megabytes(bytes.length)} MB. Make it smaller first.`,
    );
  }
  const { format, width, height, autoOrient } = await readHeader(bytes);
  if (!formats.has(format))
    throw new ImageError(`Expected a ${formatNames} picture but received ${format.toUpperCase()}.`);
  if (width * height > limits.pixels) {
    throw new ImageError(
      `Expected a picture of at most ${megapixels(limits.pixels)} megapixels but received ${width} × ${height} (${megapixels(width * height)} megapixels). Make it smaller first.`,
    );
  }
  return { width: autoOrient.width, height: autoOrient.height, format };
}

async function readHeader(bytes: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw new ImageError(`Expected a ${formatNames} picture but the file is none, or it is damaged.`, { cause });
  }
}

/** The same bytes for the same pixels, with this version of libvips. */
export async function encodePng(pixels: Pixels): Promise<Uint8Array> {
  return toBytes(open(pixels).png({ compressionLevel: 6, adaptiveFiltering: false, palette: false }));
}

/** A small WebP or JPEG for previews and thumbnails; JPEG has no alpha and shows white behind it. */
export async function encodeSmall(
  pixels: Pixels,
  options: { format: 'webp' | 'jpeg'; quality: number; side?: number },
): Promise<Uint8Array> {
  const { side, quality } = options;
  const fitted = side ? open(pixels).resize(side, side, { fit: 'inside', withoutEnlargement: true }) : open(pixels);
  if (options.format === 'webp') return toBytes(fitted.webp({ quality, effort: 2 }));
  return toBytes(fitted.flatten({ background: '#ffffff' }).jpeg({ quality }));
}

/** A picture file as a WebP of at most this width, upright; decodes no more of it than the size needs. Rejects with `ImageError`. */
export async function thumbnail(bytes: Uint8Array, width: number, limits: PictureLimits): Promise<Uint8Array> {
  await headerOf(bytes, limits);
  const upright = sharp(bytes, { limitInputPixels: limits.pixels, failOn: 'error' }).autoOrient();
  try {
    return await toBytes(upright.resize({ width, withoutEnlargement: true }).webp({ quality: 82, effort: 2 }));
  } catch (cause) {
    throw new ImageError('Expected a whole picture but the file is damaged or cut short. Choose another copy of it.', {
      cause,
    });
  }
}

/** The picture at exactly this size, alpha respected: hidden colours do not bleed into visible ones. */
export async function resize(pixels: Pixels, width: number, height: number, kernel: ResizeKernel): Promise<Pixels> {
  if (width === pixels.width && height === pixels.height) return pixels;
  return rawPixels(open(pixels).resize(width, height, { fit: 'fill', kernel, fastShrinkOnLoad: false }));
}

/** One plane of 8-bit values at another size, such as the alpha of a picture. */
export async function resizePlane(
  plane: Uint8Array,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Promise<Uint8Array> {
  const source = sharp(plane, {
    raw: { width: from.width, height: from.height, channels: 1 },
    limitInputPixels: false,
  });
  const resized = source.resize(to.width, to.height, { fit: 'fill', kernel: 'lanczos3' });
  return toBytes(resized.extractChannel(0).raw());
}

function open({ data, width, height, channels }: Pixels): Sharp {
  if (data.length !== width * height * channels) {
    throw new ImageError(
      `Expected ${width * height * channels} bytes for ${width} × ${height} pixels but received ${data.length}.`,
    );
  }
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

async function rawPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3 || channels === 4)
    return { width, height, channels, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  throw new ImageError(`Expected 3 or 4 channels for a picture but received ${channels}.`);
}

async function toBytes(image: Sharp): Promise<Uint8Array> {
  const buffer = await image.toBuffer();
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

const megapixels = (pixels: number) => (pixels / 1e6).toFixed(pixels < 1e7 ? 2 : 0);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0);
