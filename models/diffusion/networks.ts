import { ModelError } from '../errors.ts';
import { openSession, type ProviderName, type Session } from '../session.ts';
import type { CompiledNetwork, Compute } from '../weights/graph-builder.ts';
import { compileDecoder, compileEncoder } from './autoencoder.ts';
import type { Checkpoint } from './checkpoint.ts';
import { compileTextEncoder } from './text-encoder.ts';
import { compileUnet } from './unet.ts';

export interface NetworkOptions {
  /** Processor threads for one run; all available cores when left out. */
  readonly threads?: number;
  readonly provider?: ProviderName;
  /** float32 when left out: on processors half precision is slower, not faster. */
  readonly compute?: Compute;
}

/** The networks of one checkpoint, each loaded when it is first asked for and kept until all are released. */
export class CheckpointNetworks implements AsyncDisposable {
  readonly compute: Compute;
  readonly #checkpoint: Checkpoint;
  readonly #options: NetworkOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(checkpoint: Checkpoint, options: NetworkOptions) {
    this.#checkpoint = checkpoint;
    this.#options = options;
    this.compute = options.compute ?? 'float32';
  }

  textEncoder(clipSkip: number): Promise<Session> {
    const { config, weights } = this.#checkpoint.textEncoder;
    const compile = () => compileTextEncoder(config, weights, { clipSkip, compute: this.compute });
    return this.#kept(`text encoder at clip skip ${clipSkip}`, compile);
  }

  unet(): Promise<Session> {
    const { config, weights } = this.#checkpoint.unet;
    return this.#kept('denoiser', () => compileUnet(config, weights, this.compute));
  }

  decoder(): Promise<Session> {
    return this.#kept('decoder', () => this.#compileDecoder(this.compute));
  }

  encoder(): Promise<Session> {
    const { config, weights } = this.#checkpoint.autoencoder;
    return this.#kept('encoder', () => compileEncoder(config, weights, this.compute));
  }

  /** Another decoder, in full precision, which the caller releases. */
  freshDecoder(): Promise<Session> {
    return this.#open('decoder', () => this.#compileDecoder('float32'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    this.#sessions.clear();
    for (const session of sessions) if (session.status === 'fulfilled') await session.value.release();
  }

  #compileDecoder(compute: Compute): CompiledNetwork {
    const { config, weights } = this.#checkpoint.autoencoder;
    return compileDecoder(config, weights, compute);
  }

  /** A network that failed to load is forgotten, so that the next attempt may succeed. */
  #kept(name: string, compile: () => CompiledNetwork): Promise<Session> {
    const kept = this.#sessions.get(name);
    if (kept) return kept;
    const opening = this.#open(name, compile).catch((error: unknown) => {
      this.#sessions.delete(name);
      throw error;
    });
    this.#sessions.set(name, opening);
    return opening;
  }

  async #open(name: string, compile: () => CompiledNetwork): Promise<Session> {
    const { threads, provider } = this.#options;
    try {
      const { bytes, weightsRoot } = compile();
      return await openSession(bytes, {
        weightsRoot,
        ...(threads === undefined ? {} : { threads }),
        ...(provider === undefined ? {} : { provider }),
      });
    } catch (cause) {
      if (cause instanceof ModelError || cause instanceof RangeError) throw cause;
      const { label } = this.#checkpoint;
      const message = `The ${name} of ${label} cannot be loaded; the file may be damaged, or memory may have run out.`;
      throw new ModelError(label, message, { cause });
    }
  }
}
