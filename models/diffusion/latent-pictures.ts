import type { Decoded, Latents, Pixels, Tensor, Work } from '../contracts.ts';
import { fromPlanes, minusOneToOne, toPlanes } from '../planes.ts';
import type { Session } from '../session.ts';
import { downscaleOf } from './autoencoder.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { AutoencoderConfig } from './configs.ts';
import { allFinite, expectFinite, outputOf } from './evaluation.ts';
import type { CheckpointNetworks } from './networks.ts';
import { TorchGenerator } from './noise/torch-generator.ts';
import { fitPreview, hasStableDiffusionLatents, type PreviewFactors, stableDiffusionFactors } from './preview.ts';

/** Pictures to latents and back with a checkpoint's autoencoder; latents outside are scaled, as denoisers see them. */
export class LatentPictures {
  readonly #label: string;
  readonly #config: AutoencoderConfig;
  readonly #networks: CheckpointNetworks;
  #factors: Promise<PreviewFactors> | undefined;

  constructor({ label, autoencoder }: Checkpoint, networks: CheckpointNetworks) {
    this.#label = label;
    this.#config = autoencoder.config;
    this.#networks = networks;
  }

  /** Rejects with `NonFiniteError` when full precision gives no picture either. */
  async decode(latents: Latents, { signal, progress }: Work): Promise<Decoded> {
    signal.throwIfAborted();
    const image = await this.#decodeFinite(latents, signal);
    const pixels = fromPlanes(image, minusOneToOne);
    progress(1);
    return { pixels, uniform: isUniform(pixels) };
  }

  /** The mean of the encoder's distribution. Throws `RangeError` for alpha or sides that do not divide. */
  async encode(pixels: Pixels, { signal, progress }: Work): Promise<Latents> {
    signal.throwIfAborted();
    const { width, height, channels } = pixels;
    const downscale = downscaleOf(this.#config);
    if (channels !== 3)
      throw new RangeError('Expected a picture without alpha but received one with it; flatten it first.');
    if (width % downscale !== 0 || height % downscale !== 0) {
      const sides = `${width} × ${height}`;
      throw new RangeError(
        `Expected sides that are multiples of ${downscale} but received ${sides}; crop or resize first.`,
      );
    }
    const image = wholePlanes(pixels);
    const latents = await this.#encodeMean(image, signal);
    progress(1);
    return latents;
  }

  /** How to show latents without the decoder; made once. */
  previewFactors(signal: AbortSignal): Promise<PreviewFactors> {
    this.#factors ??= this.#makeFactors(signal).catch((error: unknown) => {
      this.#factors = undefined;
      throw error;
    });
    return this.#factors;
  }

  /** Decodes again in full precision, with weights loaded afresh, before it believes in values that are no numbers. */
  async #decodeFinite(latents: Latents, signal: AbortSignal): Promise<Tensor> {
    const image = await this.#decodeWith(await this.#networks.decoder(), latents, signal);
    if (allFinite(image)) return image;
    await using fresh = await this.#networks.freshDecoder();
    const second = await this.#decodeWith(fresh, latents, signal);
    expectFinite(second, `the decoder of ${this.#label}, even in full precision`);
    return second;
  }

  #decodeWith(session: Session, { dims, data }: Latents, signal: AbortSignal): Promise<Tensor> {
    signal.throwIfAborted();
    const { scaling_factor: scale } = this.#config;
    return outputOf(session, { latent: { type: 'float32', dims, data: data.map((value) => value / scale) } });
  }

  /** The mean of the encoder's distribution, which is the first half of the moments, scaled. */
  async #encodeMean(image: Tensor, signal: AbortSignal): Promise<Latents> {
    const session = await this.#networks.encoder();
    signal.throwIfAborted();
    const { dims, data } = await outputOf(session, { image: { type: 'float32', ...image } });
    const { scaling_factor: scale, latent_channels: channels } = this.#config;
    const [batch = 1, , height = 0, width = 0] = dims;
    const means = data.slice(0, data.length / 2).map((mean) => mean * scale);
    const latents = { dims: [batch, channels, height, width], data: means };
    expectFinite(latents, `the encoder of ${this.#label}`);
    return latents;
  }

  /** Known factors for Stable Diffusion's own latents; for others a board of random colours is encoded and fitted. */
  async #makeFactors(signal: AbortSignal): Promise<PreviewFactors> {
    if (hasStableDiffusionLatents(this.#config)) return stableDiffusionFactors;
    const board = wholePlanes(randomColours(2 * downscaleOf(this.#config)));
    return fitPreview(await this.#encodeMean(board, signal), board);
  }
}

/**
 * 16 × 16 squares of even random colours. A picture and not random latents, because most of those stand for no even colour,
 * and squares of two latents a side, so that edges are seen too.
 */
function randomColours(square: number): Pixels {
  const squares = 16;
  const side = squares * square;
  const random = new TorchGenerator(0n).normal(3 * squares * squares);
  // A normal draw through the logistic function, steep enough to reach strong colours.
  const colours = random.map((value) => 255 / (1 + Math.exp(-2 * value)));
  const data = Uint8Array.from({ length: 3 * side * side }, (_, index) => {
    const pixel = Math.floor(index / 3);
    const column = Math.floor((pixel % side) / square);
    const row = Math.floor(pixel / side / square);
    return colours[(row * squares + column) * 3 + (index % 3)] ?? 0;
  });
  return { width: side, height: side, channels: 3, data };
}

function wholePlanes(pixels: Pixels): Tensor {
  const { width, height } = pixels;
  return toPlanes(pixels, { left: 0, top: 0, width, height }, minusOneToOne);
}

/** Whether every pixel is within 2/255 of the mean in each colour. */
function isUniform({ data, channels }: Pixels): boolean {
  const tolerance = 2;
  const means = new Float64Array(channels);
  data.forEach((value, index) => {
    means[index % channels] = (means[index % channels] ?? 0) + (value * channels) / data.length;
  });
  return data.every((value, index) => Math.abs(value - (means[index % channels] ?? 0)) <= tolerance);
}
