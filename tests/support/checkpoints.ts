import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ldmAutoencoderName, ldmUnetNames } from '../../models/diffusion/layouts/ldm-names.ts';
import { openClipPlace } from '../../models/diffusion/layouts/open-clip-names.ts';
import { readSafetensors } from '../../models/weights/safetensors.ts';
import { golden } from './networks.ts';
import { headerBytes, type StoredTensor } from './safetensors.ts';

/** A full-size checkpoint's names and shapes with zeros for weights that take no space on the disk. */
export async function writeHollowCheckpoint(
  file: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  let position = 0;
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = shape.reduce((product, size) => product * size, 2);
    header[name] = { dtype: 'F16', shape, data_offsets: [position, position + bytes] };
    position += bytes;
  }
  await using handle = await open(file, 'w');
  const start = headerBytes(header);
  await handle.write(start);
  await handle.truncate(start.length + position);
}

/** Names and shapes of Stable Diffusion 1.5 in both layouts: [LDM name, its shape, component, diffusers' name, its shape]. */
export async function stableDiffusionNames(): Promise<[string, number[], string, string, number[]][]> {
  return JSON.parse(await readFile(golden('ldm_keys_sd15.json'), 'utf8')).cases;
}

/** Names and shapes of a Stable Diffusion 2.x single file, derived from those of 1.5: wider context, matrices for projections, OpenCLIP. */
export async function stableDiffusion2Shapes(): Promise<Record<string, readonly number[]>> {
  const names = (await stableDiffusionNames()).filter(([, , component]) => component !== 'text_encoder');
  const networks = names.map(([name, shape]) => {
    if (/\.proj_(in|out)\.weight$/.test(name) && name.startsWith('model.')) return [name, shape.slice(0, 2)] as const;
    if (/\.attn2\.to_[kv]\.weight$/.test(name)) return [name, [shape[0] ?? 0, 1024]] as const;
    return [name, shape] as const;
  });
  return { ...Object.fromEntries(networks), ...openClipShapes(24, 1024) };
}

function openClipShapes(layers: number, width: number): Record<string, readonly number[]> {
  const prefix = 'cond_stage_model.model';
  const shapes: Record<string, readonly number[]> = {
    [`${prefix}.token_embedding.weight`]: [49408, width],
    [`${prefix}.positional_embedding`]: [77, width],
    [`${prefix}.ln_final.weight`]: [width],
    [`${prefix}.ln_final.bias`]: [width],
  };
  for (let layer = 0; layer < layers; layer++) {
    const block = `${prefix}.transformer.resblocks.${layer}`;
    shapes[`${block}.attn.in_proj_weight`] = [3 * width, width];
    shapes[`${block}.attn.in_proj_bias`] = [3 * width];
    for (const [part, rows, columns] of [
      ['attn.out_proj', width, width],
      ['mlp.c_fc', 4 * width, width],
      ['mlp.c_proj', width, 4 * width],
    ] as const) {
      shapes[`${block}.${part}.weight`] = [rows, columns];
      shapes[`${block}.${part}.bias`] = [rows];
    }
    for (const norm of ['ln_1', 'ln_2']) {
      shapes[`${block}.${norm}.weight`] = [width];
      shapes[`${block}.${norm}.bias`] = [width];
    }
  }
  return shapes;
}

/** All tensors of a file, as they are stored. */
export async function storedTensors(file: string): Promise<Record<string, StoredTensor>> {
  const { tensors } = await readSafetensors(file);
  const bytes = await readFile(file);
  const stored = [...tensors].map(([name, { type, shape, offset, length }]) => {
    if (type !== 'float32') throw new TypeError(`Expected float32 for ${name} but received ${type}`);
    return [name, { dtype: 'F32', shape, bytes: bytes.subarray(offset, offset + length) }] as const;
  });
  return Object.fromEntries(stored);
}

const weightsIn = (component: string, name: string) => golden(path.join('sd-tiny', component, name));

/** The goldens' tiny checkpoint under the names of a single file; its text encoder is CLIP's, or the same weights as OpenCLIP's. */
export async function tinySingleFile(
  textEncoder: 'clip' | 'open-clip' = 'clip',
): Promise<Record<string, StoredTensor>> {
  const unet = await storedTensors(weightsIn('unet', 'diffusion_pytorch_model.safetensors'));
  const autoencoder = await storedTensors(weightsIn('vae', 'diffusion_pytorch_model.safetensors'));
  const text = await storedTensors(weightsIn('text_encoder', 'model.safetensors'));
  return {
    // The tiny denoiser's only upsampler follows a block without attention, so it has the last of the possible names.
    ...renamed(unet, (name) => `model.diffusion_model.${ldmUnetNames(name, 1).at(-1)}`),
    ...renamed(autoencoder, (name) => `first_stage_model.${ldmAutoencoderName(name, 2)}`),
    ...(textEncoder === 'clip' ? renamed(text, (name) => `cond_stage_model.transformer.${name}`) : openClip(text)),
  };
}

function renamed(
  tensors: Record<string, StoredTensor>,
  rename: (name: string) => string,
): Record<string, StoredTensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
}

/** Query, key and value become one matrix, as torch's MultiheadAttention keeps them. */
function openClip(tensors: Record<string, StoredTensor>): Record<string, StoredTensor> {
  const result: Record<string, StoredTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const { name: place, third } = openClipPlace(name);
    const target = `cond_stage_model.model.${place}`;
    if (third === undefined) result[target] = tensor;
    if (third !== 0) continue;
    const parts = ['q', 'k', 'v'].flatMap((part) => tensors[name.replace('q_proj', `${part}_proj`)] ?? []);
    const [rows = 0, ...rest] = tensor.shape;
    result[target] = { ...tensor, shape: [rows * 3, ...rest], bytes: Buffer.concat(parts.map(({ bytes }) => bytes)) };
  }
  return result;
}

/** Float32 values rounded to a shorter type, and what those stand for in float32. */
export function rounded(tensor: StoredTensor, dtype: 'F16' | 'BF16'): { short: StoredTensor; exact: StoredTensor } {
  const values = new Float32Array(new Uint8Array(tensor.bytes).buffer);
  const bits = Uint16Array.from(values, dtype === 'F16' ? halfBits : brainBits);
  const back = Float32Array.from(bits, dtype === 'F16' ? fromHalfBits : fromBrainBits);
  return {
    short: { ...tensor, dtype, bytes: new Uint8Array(bits.buffer) },
    exact: { ...tensor, bytes: new Uint8Array(back.buffer) },
  };
}

const word = new DataView(new ArrayBuffer(4));

function brainBits(value: number): number {
  word.setFloat32(0, value);
  return word.getUint16(0);
}

function fromBrainBits(bits: number): number {
  word.setUint32(0, bits * 65_536);
  return word.getFloat32(0);
}

/** Cut towards zero, which is one of the neighbours and enough for a test; values below the normal range become 0. */
function halfBits(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  const sign = (bits >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

function fromHalfBits(bits: number): number {
  const exponent = (bits >>> 10) & 0x1f;
  const size = exponent === 0 ? 0 : (1 + (bits & 0x3ff) / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
