/** What networks can do for a graph. Nodes depend on these shapes and never on ONNX Runtime, files or threads. */

/** Interleaved 8-bit sRGB, row by row. `data.length === width * height * channels`. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** Row-major float32 values; `data.length` is the product of `dims`. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Everything that waits can be stopped and says how far it is. */
export interface Work {
  readonly signal: AbortSignal;
  /** How much is done, from 0 to 1; never goes backwards. */
  readonly progress: (fraction: number) => void;
}

/** The families of Stable Diffusion checkpoints, as read from a file's tensors. */
export type Family = 'sd1' | 'sd2' | 'sdxl';

export const samplerNames = [
  'euler',
  'euler_ancestral',
  'heun',
  'heunpp2',
  'dpm_2',
  'dpm_2_ancestral',
  'lms',
  'dpmpp_2s_ancestral',
  'dpmpp_sde',
  'dpmpp_2m',
  'dpmpp_2m_sde',
  'dpmpp_2m_sde_heun',
  'dpmpp_3m_sde',
  'ddpm',
  'lcm',
  'ddim',
  'uni_pc',
  'uni_pc_bh2',
  'deis',
  'ipndm',
  'ipndm_v',
  'res_multistep',
] as const;
export type SamplerName = (typeof samplerNames)[number];

export const scheduleNames = [
  'normal',
  'karras',
  'exponential',
  'sgm_uniform',
  'simple',
  'ddim_uniform',
  'beta',
  'linear_quadratic',
  'kl_optimal',
  'align_your_steps',
] as const;
export type ScheduleName = (typeof scheduleNames)[number];

/** Text as the denoiser reads it: hidden states [1, 77·chunks, width]. */
export interface Conditioning {
  readonly hidden: Tensor;
}

/** Pictures in the autoencoder's space, already multiplied by its scaling factor: [1, channels, h/8, w/8]. */
export interface Latents extends Tensor {}

export interface StepReport {
  /** 1 after the first step. */
  readonly step: number;
  readonly of: number;
  /** The denoised estimate as a small picture, one pixel per latent; made only when called. */
  readonly preview: () => Pixels;
}

export interface SampleRequest {
  readonly positive: Conditioning;
  readonly negative: Conditioning;
  /** Where to start: zeros for text-to-image, an encoded picture for image-to-image. */
  readonly latents: Latents;
  /** 64-bit; the CPU generator of torch uses its low 32 bits. */
  readonly seed: bigint;
  readonly steps: number;
  /** Classifier-free guidance scale; 1 evaluates the positive prompt alone. */
  readonly guidance: number;
  readonly sampler: SamplerName;
  readonly schedule: ScheduleName;
  /** 1 starts from pure noise; smaller values keep more of `latents`. In (0, 1]. */
  readonly denoise: number;
}

export interface Decoded {
  readonly pixels: Pixels;
  /** All pixels within 2/255 of their mean: nearly always a wrong setting or a broken model. */
  readonly uniform: boolean;
}

/** A text-to-image checkpoint in its parts: text encoder, denoiser and autoencoder, each loaded on first use. */
export interface Diffuser {
  readonly info: ModelInfo;
  /** Pixels per latent along one side (8 for Stable Diffusion). */
  readonly downscale: number;
  readonly latentChannels: number;
  encodeText(text: string, options: Work & { clipSkip: number }): Promise<Conditioning>;
  sample(request: SampleRequest, work: Work & { onStep?: (report: StepReport) => void }): Promise<Latents>;
  decode(latents: Latents, work: Work): Promise<Decoded>;
  /** The mean of the encoder's distribution, scaled. Width and height must be multiples of `downscale`. */
  encodeImage(pixels: Pixels, work: Work): Promise<Latents>;
}

/** A super-resolution network. */
export interface Upscaler {
  readonly info: ModelInfo;
  readonly scale: number;
  /** Works tile by tile with exact seams; alpha is enlarged beside the colours. */
  upscale(image: Pixels, work: Work & { tile: number }): Promise<Pixels>;
}

export type Point = readonly [x: number, y: number];

export interface Face {
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** 0 to 1. */
  readonly score: number;
  /** Left eye, right eye, nose, left and right mouth corner, as seen in the picture. */
  readonly points: readonly [Point, Point, Point, Point, Point];
}

export interface FaceDetector {
  readonly info: ModelInfo;
  detect(image: Pixels, work: Work & { threshold: number }): Promise<Face[]>;
}

/** A network that repairs an aligned face, or a whole picture where it says so. */
export interface FaceRestorer {
  readonly info: ModelInfo;
  /** True when the network also takes whole pictures of any size (the bundled clean-up does, GFPGAN does not). */
  readonly wholePictures: boolean;
  /** True when the network has a fidelity input (CodeFormer). */
  readonly fidelity: boolean;
  /** Aligns each face, repairs it and pastes it back. `strength` and `fidelity` are 0 to 1. */
  restoreFaces(
    image: Pixels,
    faces: readonly Face[],
    work: Work & { strength: number; fidelity: number },
  ): Promise<Pixels>;
  /** Repairs the picture as a whole, without a detector. Throws where `wholePictures` is false. */
  restoreWhole(image: Pixels, work: Work & { strength: number }): Promise<Pixels>;
}

export interface ModelKinds {
  diffuser: Diffuser;
  upscaler: Upscaler;
  'face-detector': FaceDetector;
  'face-restorer': FaceRestorer;
}
export type ModelKind = keyof ModelKinds;

/** What is known of a model without loading it. */
export interface ModelInfo {
  /** Stable and readable: the path below the models folder, or `bundled/…`. */
  readonly id: string;
  readonly kind: ModelKind;
  readonly title: string;
  readonly bytes: number;
  readonly bundled: boolean;
  readonly licence?: string;
  /** One sentence a person reads before choosing it. */
  readonly summary?: string;
  /** Diffusers: the family, what the network predicts, and the size it was trained at. */
  readonly family?: Family;
  readonly prediction?: 'epsilon' | 'v';
  readonly nativeSize?: number;
  /** Upscalers: how many times larger the result is along a side. */
  readonly scale?: number;
  /** Set when the file cannot be used, with the reason in one sentence. */
  readonly broken?: string;
}

export interface ModelPool {
  /**
   * Loads the model if it is not resident and keeps it resident until the lease is disposed.
   * Rejects with `ModelError` when it is missing, damaged or of another kind.
   */
  lease<Kind extends ModelKind>(
    kind: Kind,
    id: string,
    signal: AbortSignal,
  ): Promise<ModelKinds[Kind] & AsyncDisposable>;
  /** SHA-256 of the weights, known without loading them and remembered by device, inode, size and time. */
  digest(id: string): Promise<string>;
  /** Everything that can be chosen, broken files included. */
  list(): Promise<ModelInfo[]>;
}
