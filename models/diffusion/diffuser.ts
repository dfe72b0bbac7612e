import type {
  Conditioning,
  Decoded,
  Diffuser,
  Latents,
  ModelInfo,
  Pixels,
  SampleRequest,
  StepReport,
  Work,
} from '../contracts.ts';
import { ModelError } from '../errors.ts';
import { downscaleOf } from './autoencoder.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { loadCheckpointTokenizer } from './checkpoint-tokenizer.ts';
import { expectFinite, outputOf } from './evaluation.ts';
import { LatentPictures } from './latent-pictures.ts';
import { CheckpointNetworks, type NetworkOptions } from './networks.ts';
import { previewOf } from './preview.ts';
import { encodePrompt } from './prompt.ts';
import { type PredictNoise, sampleLatents } from './sample.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface DiffuserOptions extends NetworkOptions {
  readonly info: ModelInfo;
  /** The folder of CLIP's own vocabulary, for checkpoints that come without one. */
  readonly clipTokenizer: string;
  /** Overrides what the checkpoint says, and is needed where it says nothing. */
  readonly prediction?: 'epsilon' | 'v';
}

/**
 * Opens a Stable Diffusion 1.x or 2.x checkpoint: a Hugging Face folder or a single .safetensors file. Its networks are loaded
 * when they are first used. Rejects with `ModelError` when the checkpoint is unsupported or damaged, or when nothing tells
 * what its denoiser predicts.
 */
export async function openDiffuser(location: string, options: DiffuserOptions): Promise<Diffuser & AsyncDisposable> {
  const checkpoint = await readCheckpoint(location);
  const prediction = options.prediction ?? checkpoint.prediction;
  if (prediction) return new CheckpointDiffuser(checkpoint, prediction, options);
  const { label } = checkpoint;
  const remedy = 'put its YAML config beside it under the same name, or choose the prediction yourself';
  throw new ModelError(label, `Nothing in ${label} tells whether it predicts noise or velocity; ${remedy}.`);
}

class CheckpointDiffuser implements Diffuser, AsyncDisposable {
  readonly info: ModelInfo;
  readonly downscale: number;
  readonly latentChannels: number;
  readonly #checkpoint: Checkpoint;
  readonly #prediction: 'epsilon' | 'v';
  readonly #networks: CheckpointNetworks;
  readonly #pictures: LatentPictures;
  readonly #clipTokenizer: string;
  #tokenizer: Promise<Tokenizer> | undefined;

  constructor(checkpoint: Checkpoint, prediction: 'epsilon' | 'v', options: DiffuserOptions) {
    const { config } = checkpoint.autoencoder;
    this.info = options.info;
    this.downscale = downscaleOf(config);
    this.latentChannels = config.latent_channels;
    this.#checkpoint = checkpoint;
    this.#prediction = prediction;
    this.#networks = new CheckpointNetworks(checkpoint, options);
    this.#pictures = new LatentPictures(checkpoint, this.#networks);
    this.#clipTokenizer = options.clipTokenizer;
  }

  async encodeText(text: string, { clipSkip, signal, progress }: Work & { clipSkip: number }): Promise<Conditioning> {
    signal.throwIfAborted();
    const tokenizer = await this.#loadTokenizer();
    const session = await this.#networks.textEncoder(clipSkip);
    const encodeTokens = (ids: Int32Array, rows: number) =>
      outputOf(session, { input_ids: { type: 'int32', dims: [rows, tokenizer.length], data: ids } });
    const conditioning = await encodePrompt({ tokenizer, encodeTokens, text, signal });
    progress(1);
    return conditioning;
  }

  async sample(
    { positive, negative, ...request }: SampleRequest,
    { signal, progress, onStep }: Work & { onStep?: (report: StepReport) => void },
  ): Promise<Latents> {
    signal.throwIfAborted();
    this.#expectLatents(request.latents);
    this.#expectConditioning(positive);
    this.#expectConditioning(negative);
    const { dims } = request.latents;
    const factors = onStep && (await this.#pictures.previewFactors(signal));
    let running = 1;
    const latents = await sampleLatents({
      ...request,
      positive: positive.hidden,
      negative: negative.hidden,
      predict: await this.#denoiser(() => running),
      prediction: this.#prediction,
      noiseSchedule: this.#checkpoint.training,
      signal,
      onStep: ({ step, of, denoised }) => {
        running = step + 1;
        progress(step / of);
        if (factors) onStep({ step, of, preview: () => previewOf({ dims, data: denoised }, factors) });
      },
    });
    return latents;
  }

  async decode(latents: Latents, work: Work): Promise<Decoded> {
    this.#expectLatents(latents);
    return this.#pictures.decode(latents, work);
  }

  encodeImage(pixels: Pixels, work: Work): Promise<Latents> {
    return this.#pictures.encode(pixels, work);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#networks[Symbol.asyncDispose]();
  }

  /** One evaluation of the denoiser, which names the step where values stop being numbers. */
  async #denoiser(runningStep: () => number): Promise<PredictNoise> {
    const session = await this.#networks.unet();
    return async (sample, dims, timestep, context) => {
      const [batch = 1] = dims;
      const output = await outputOf(session, {
        sample: { type: 'float32', dims, data: sample },
        timestep: { type: 'float32', dims: [batch], data: new Float32Array(batch).fill(timestep) },
        context: { type: 'float32', ...context },
      });
      expectFinite(output, `the denoiser of ${this.#checkpoint.label} at step ${runningStep()}`);
      return output.data;
    };
  }

  #expectLatents({ dims, data }: Latents): void {
    const [batch, channels, height = 0, width = 0] = dims;
    const sound = dims.length === 4 && batch === 1 && channels === this.latentChannels && data.length > 0;
    if (sound && data.length === channels * height * width) return;
    const expected = `[1, ${this.latentChannels}, height, width]`;
    throw new RangeError(
      `Expected latents ${expected} for ${this.#checkpoint.label} but received [${dims.join(', ')}].`,
    );
  }

  #expectConditioning({ hidden }: Conditioning): void {
    const { cross_attention_dim: width } = this.#checkpoint.unet.config;
    if (hidden.dims[2] === width) return;
    const { label } = this.#checkpoint;
    throw new RangeError(
      `Expected prompts ${width} wide for ${label} but received ${hidden.dims[2]}; encode them with the same model.`,
    );
  }

  #loadTokenizer(): Promise<Tokenizer> {
    this.#tokenizer ??= loadCheckpointTokenizer(this.#checkpoint, this.#clipTokenizer);
    return this.#tokenizer;
  }
}
