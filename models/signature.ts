import { isPicture } from './picture-network.ts';
import type { Port, Session } from './session.ts';

/** What an ONNX network is for, judged by its inputs and outputs, never by its name. */
export type Signature =
  | { readonly kind: 'upscaler'; readonly size: { width: number; height: number } | undefined }
  | { readonly kind: 'face-restorer'; readonly fidelity: Port | undefined }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The side of an aligned face that GFPGAN, CodeFormer and their siblings read. */
export const restorerSide = 512;

/**
 * GFPGAN-like: one input [1, 3, 512, 512] and an output of the same size. CodeFormer-like: beside it a second input of one number.
 * Anything else with one RGB input and an RGB output enlarges, or repairs without enlarging.
 */
export function signatureOf({ inputs, outputs }: Pick<Session, 'inputs' | 'outputs'>): Signature {
  const pictures = inputs.filter(isPicture);
  const numbers = inputs.filter(isNumber);
  const [picture] = pictures;
  const result = outputs.find(isPicture);
  if (!picture || !result || pictures.length !== 1 || pictures.length + numbers.length !== inputs.length) {
    return unknown(
      `Expected a network from an RGB picture to an RGB picture but it reads ${describe(inputs)} and gives ${describe(outputs)}.`,
    );
  }
  const [width, height] = [fixed(picture.dims[3]), fixed(picture.dims[2])];
  const face = width === restorerSide && height === restorerSide && sameSize(result, restorerSide);
  const [fidelity] = numbers;
  if (numbers.length > 1 || (fidelity && !face)) {
    return unknown(
      `Expected only a picture of ${restorerSide} × ${restorerSide} and one number as inputs but it reads ${describe(inputs)}.`,
    );
  }
  if (face) return { kind: 'face-restorer', fidelity };
  if ((width === undefined) !== (height === undefined)) {
    return unknown(`Expected width and height both free or both fixed but it reads ${describe(inputs)}.`);
  }
  return { kind: 'upscaler', size: width === undefined || height === undefined ? undefined : { width, height } };
}

/** One number: a scalar or a vector of one. */
function isNumber({ type, dims }: Port): boolean {
  return /^float(16|32|64)$/.test(type) && dims.every((size) => (fixed(size) ?? 1) === 1) && dims.length <= 1;
}

/** Outputs often leave their size open although the input's is fixed. */
function sameSize({ dims }: Port, side: number): boolean {
  return (fixed(dims[2]) ?? side) === side && (fixed(dims[3]) ?? side) === side;
}

// ONNX Runtime gives unnamed free sizes as -1 or an empty name.
function fixed(size: number | string | undefined): number | undefined {
  return typeof size === 'number' && size > 0 ? size : undefined;
}

const unknown = (reason: string): Signature => ({ kind: 'unknown', reason });

function describe(ports: readonly Port[]): string {
  return ports.map(({ name, type, dims }) => `${name} ${type}[${dims.join(', ')}]`).join(' and ') || 'nothing';
}
