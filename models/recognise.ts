import path from 'node:path';
import type { ModelInfo } from './contracts.ts';
import { describeCheckpoint } from './diffusion/checkpoint.ts';
import { ModelError } from './errors.ts';
import { refuseUnsafe } from './file-content.ts';
import type { PictureTraits } from './picture-network.ts';
import { minusOneToOne } from './planes.ts';
import { openSession, type Port } from './session.ts';
import { restorerSide, signatureOf } from './signature.ts';
import { probe } from './upscale/probe.ts';

/** What was found out about a model of the user's, enough to open it without looking again. */
export type Recognised = Pick<ModelInfo, 'kind' | 'family' | 'prediction' | 'nativeSize' | 'scale' | 'broken'> & {
  readonly traits?: PictureTraits;
  /** The input for fidelity of a CodeFormer-like network. */
  readonly fidelity?: Port;
};

/** A checkpoint by its configs and tensor names. What is wrong with it comes back as `broken`. */
export function recogniseCheckpoint(location: string): Promise<Recognised> {
  return orBroken('diffuser', location, async () => {
    const { family, prediction, nativeSize } = await describeCheckpoint(location);
    return {
      kind: 'diffuser',
      family,
      ...(prediction === undefined ? {} : { prediction }),
      ...(nativeSize === undefined ? {} : { nativeSize }),
    };
  });
}

/** An ONNX network by its inputs and outputs, and an upscaler by a trial run. What is wrong with it comes back as `broken`. */
export function recogniseNetwork(location: string, threads: number | undefined): Promise<Recognised> {
  return orBroken('upscaler', location, async () => {
    const label = path.basename(location);
    await refuseUnsafe(location);
    await using session = await openNetwork(location, threads);
    const signature = signatureOf(session);
    if (signature.kind === 'unknown') throw new ModelError(label, `${label} cannot be used. ${signature.reason}`);
    if (signature.kind === 'upscaler') {
      const traits = await probe(session, signature.size, label);
      return { kind: 'upscaler', scale: traits.scale, traits };
    }
    const size = { width: restorerSide, height: restorerSide };
    const traits = { scale: 1, multiple: 1, overlap: 0, range: minusOneToOne, size };
    return { kind: 'face-restorer', traits, ...(signature.fidelity ? { fidelity: signature.fidelity } : {}) };
  });
}

/** A file that other programs load and Aria never does: always broken, with the reason. */
export function recognisePickle(location: string): Promise<Recognised> {
  return orBroken('diffuser', location, async () => {
    await refuseUnsafe(location);
    const label = path.basename(location);
    throw new ModelError(
      label,
      `${label} is of a kind that is not read; get the .safetensors or .onnx version of this model.`,
    );
  });
}

/** Opens an ONNX file, turning the runtime's refusal into a sentence about the file. */
export async function openNetwork(location: string, threads: number | undefined) {
  try {
    return await openSession(location, { prepack: true, ...(threads === undefined ? {} : { threads }) });
  } catch (cause) {
    const label = path.basename(location);
    throw new ModelError(label, `${label} is damaged, or no network that ONNX Runtime knows; get it again.`, { cause });
  }
}

async function orBroken(
  kind: ModelInfo['kind'],
  location: string,
  recognise: () => Promise<Recognised>,
): Promise<Recognised> {
  try {
    return await recognise();
  } catch (error) {
    if (error instanceof ModelError) return { kind, broken: error.message };
    // One unreadable file must not hide all others, so whatever it was becomes that file's own remark.
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { kind, broken: `${path.basename(location)} cannot be used: ${reason}` };
  }
}
