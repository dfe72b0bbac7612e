import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Tensor } from '../../models/contracts.ts';
import { type Checkpoint, readCheckpoint } from '../../models/diffusion/checkpoint.ts';
import type { PredictNoise } from '../../models/diffusion/denoiser.ts';
import { compileUnet } from '../../models/diffusion/unet.ts';
import type { Session } from '../../models/session.ts';
import type { CompiledNetwork } from '../../models/weights/graph-builder.ts';
import { openNetwork, outputOf } from '../support/networks.ts';
import { readTensors } from '../support/safetensors.ts';

/** A tensor as the JSON files name it. */
export const reference = z.object({ tensor: z.string() });

/** A folder of recorded numbers in the form of tests/goldens, with the networks they were made with. */
export class Goldens implements AsyncDisposable {
  readonly #folder: string;
  readonly #tensors = new Map<string, ReturnType<typeof readTensors>>();
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(name: string): string {
    return path.join(this.#folder, name);
  }

  async has(name: string): Promise<boolean> {
    return access(this.path(name)).then(
      () => true,
      () => false,
    );
  }

  async json<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema>> {
    return schema.parse(JSON.parse(await readFile(this.path(name), 'utf8')));
  }

  /** A tensor of `<group>.safetensors`. Rejects when it is not there. */
  async tensor(group: string, name: string): Promise<Tensor> {
    const file = this.path(`${group}.safetensors`);
    const reading = this.#tensors.get(file) ?? readTensors(file);
    this.#tensors.set(file, reading);
    const found = (await reading).get(name);
    if (found === undefined) throw new Error(`Expected the tensor ${name} in ${file} but it is not there`);
    return found;
  }

  /** The checkpoint the JSON files call `tiny`, and so on. */
  checkpoint(model: string): Promise<Checkpoint> {
    return readCheckpoint(this.path(`sd-${model}`));
  }

  /** A network on one thread, opened once and released with the goldens. */
  session(name: string, compile: () => Promise<CompiledNetwork>): Promise<Session> {
    const opening = this.#sessions.get(name) ?? compile().then(openNetwork);
    this.#sessions.set(name, opening);
    return opening;
  }

  /** The denoiser of a checkpoint. */
  async denoiser(model: string): Promise<PredictNoise> {
    const session = await this.session(`${model} denoiser`, async () => {
      const { unet } = await this.checkpoint(model);
      return compileUnet(unet.config, unet.weights, 'float32');
    });
    return async (sample, dims, timestep, context) => {
      const rows = dims[0] ?? 1;
      const output = await outputOf(session, {
        sample: { type: 'float32', dims, data: sample },
        timestep: { type: 'float32', dims: [rows], data: new Float32Array(rows).fill(timestep) },
        context: { type: 'float32', ...context },
      });
      return output.data;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    for (const session of sessions) if (session.status === 'fulfilled') await session.value.release();
  }
}
