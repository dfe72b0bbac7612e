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
    const image = toPlanes(pixels, { left: 0, top: 0, width, height }, minusOneToOne);
    const session = await this.#networks.encoder();
    signal.throwIfAborted();
    const moments = await outputOf(session, { image: { type: 'float32', ...image } });
    const latents = this.#meanOf(moments);
    expectFinite(latents, `the encoder of ${this.#label}`);
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

  /** The means of the encoder's distribution, which are the first half of the moments, scaled. */
  #meanOf({ dims, data }: Tensor): Latents {
    const [batch = 1, , height = 0, width = 0] = dims;
    const { scaling_factor: scale } = this.#config;
    return {
      dims: [batch, this.#config.latent_channels, height, width],
      data: data.slice(0, data.length / 2).map((mean) => mean * scale),
    };
  }

  /** Known factors for Stable Diffusion's own latents; for others a few random patches are decoded and fitted. */
  async #makeFactors(signal: AbortSignal): Promise<PreviewFactors> {
    if (hasStableDiffusionLatents(this.#config)) return stableDiffusionFactors;
    const latents = randomPatches(this.#config.latent_channels);
    const image = await this.#decodeWith(await this.#networks.decoder(), latents, signal);
    return fitPreview(latents, image);
  }
}

/** Squares of 4 × 4 equal latents, since even colours are what linear factors can tell; 64 of them in one picture. */
function randomPatches(channels: number): Latents {
  const side = 32;
  const patch = 4;
  const patches = side / patch;
  const values = new TorchGenerator(0n).normal(channels * patches * patches);
  const data = Float32Array.from({ length: channels * side * side }, (_, index) => {
    const [plane, y, x] = [Math.floor(index / (side * side)), Math.floor(index / side) % side, index % side];
    const column = Math.floor(x / patch);
    const row = Math.floor(y / patch);
    return values[(plane * patches + row) * patches + column] ?? 0;
  });
  return { dims: [1, channels, side, side], data };
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
