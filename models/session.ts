import { realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

/** Values of a network's inputs and outputs by element type; `float16` holds raw bits, `bool` 0 or 1. */
export interface TensorData {
  float32: Float32Array;
  float16: Uint16Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}
export type TensorType = keyof TensorData;

/** Row-major values with their element type; `data.length` is the product of `dims`. */
export type TypedTensor = {
  [Type in TensorType]: { readonly type: Type; readonly dims: readonly number[]; readonly data: TensorData[Type] };
}[TensorType];

/** One input or output. Sizes known only when the network runs are names. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

/** A loaded network. ONNX Runtime computes synchronously: a run blocks its thread and cannot be interrupted. */
export interface Session extends AsyncDisposable {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  run(inputs: Readonly<Record<string, TypedTensor>>): Promise<Record<string, TypedTensor>>;
  /** Frees the weights; the session cannot run afterwards. Safe to call twice. */
  release(): Promise<void>;
}

/** Where a network computes. None falls back to another: opening fails when the hardware or its driver is missing. */
export const providerNames = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type ProviderName = (typeof providerNames)[number];

export interface SessionOptions {
  /** For models given as bytes: the only folder their external weights may lie in. */
  readonly weightsRoot?: string;
  /** Processor threads for one run; all available cores when left out. */
  readonly threads?: number;
  readonly provider?: ProviderName;
  /**
   * Copies the weights into the layout the processor likes best. The default, false, leaves them in the file's memory map:
   * a Stable Diffusion 1.5 denoiser then loads in half a second with 0.1 GB of its own memory in place of 1.2 GB, and is
   * equally fast within the noise of measurement. Small networks that run many times gain from true.
   */
  readonly prepack?: boolean;
}

/** Loads a network from an ONNX file's path or bytes. Rejects with ONNX Runtime's own error when it cannot. */
export async function openSession(model: string | Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const settings = sessionSettings(options);
  const session = await (typeof model === 'string'
    ? InferenceSession.create(model, settings)
    : InferenceSession.create(model, settings));
  return wrap(session);
}

/**
 * How ONNX Runtime reaches weights in a file anywhere on the disk: it takes only paths relative to one folder and refuses
 * symbolic links that lead out of it, so the folder is the root of the file system and the path has its links resolved.
 */
export function externalLocation(file: string): { root: string; location: string } {
  const real = realpathSync(file);
  const { root } = path.parse(real);
  return { root, location: real.slice(root.length).split(path.sep).join('/') };
}

function sessionSettings({ weightsRoot, threads, provider = 'cpu', prepack = false }: SessionOptions) {
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads ?? os.availableParallelism(),
    // The levels above rewrite convolutions for NCHWc, which copies every weight for a few per cent of speed.
    graphOptimizationLevel: 'extended',
    // Only what is fatal: errors are thrown, so printing them too says nothing new and shows paths.
    logSeverityLevel: 4,
    extra: {
      session: {
        ...(weightsRoot === undefined ? {} : { model_external_initializers_file_folder_path: weightsRoot }),
        disable_prepacking: prepack ? '0' : '1',
        // Waiting threads would otherwise spin and take the cores from the rest of the computer.
        intra_op: { allow_spinning: '0' },
      },
    },
  } satisfies InferenceSession.SessionOptions;
}

function wrap(session: InferenceSession): Session {
  let released: Promise<void> | undefined;
  const release = () => {
    released ??= session.release();
    return released;
  };
  return {
    inputs: session.inputMetadata.map(portOf),
    outputs: session.outputMetadata.map(portOf),
    async run(inputs) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]));
      const results = await session.run(feeds);
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(name, tensor)]));
    },
    release,
    [Symbol.asyncDispose]: release,
  };
}

function portOf(metadata: InferenceSession.ValueMetadata): Port {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', dims: [] };
  return { name: metadata.name, type: metadata.type, dims: metadata.shape };
}

function toOrt({ type, dims, data }: TypedTensor): OrtTensor {
  return new OrtTensor(type, data, dims);
}

function fromOrt(name: string, { type, dims, data }: OrtTensor): TypedTensor {
  if (type === 'float32' && data instanceof Float32Array) return { type, dims, data };
  if (type === 'float16' && data instanceof Uint16Array) return { type, dims, data };
  if (type === 'float64' && data instanceof Float64Array) return { type, dims, data };
  if (type === 'int32' && data instanceof Int32Array) return { type, dims, data };
  if (type === 'int64' && data instanceof BigInt64Array) return { type, dims, data };
  if ((type === 'uint8' || type === 'bool') && data instanceof Uint8Array) return { type, dims, data };
  throw new TypeError(`Expected a number tensor for output ${name} but received ${type}`);
}
