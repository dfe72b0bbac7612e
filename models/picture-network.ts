import type { Tensor } from './contracts.ts';
import { ModelError } from './errors.ts';
import { fromHalf, toHalf } from './half.ts';
import type { Range } from './planes.ts';
import type { Port, Session, TypedTensor } from './session.ts';

/** What a network that makes pictures from pictures needs to know of the pictures. */
export interface PictureTraits {
  /** How many times larger the result is along a side. */
  readonly scale: number;
  /** Width and height of what it reads must be multiples of this. */
  readonly multiple: number;
  /** Pixels of context beyond which the result no longer depends on the surroundings. */
  readonly overlap: number;
  /** What a colour between 0 and 255 is to the network. */
  readonly range: Range;
  /** The only size it takes; undefined where any multiple will do. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/** A loaded network with its traits: [1, 3, h, w] to [1, 3, h·scale, w·scale]. */
export interface PictureNetwork extends PictureTraits {
  run(tensor: Tensor): Promise<Tensor>;
}

/** Puts a picture through a session that has a picture among its inputs and its outputs. */
export function pictureNetwork(session: Session, traits: PictureTraits, model: string): PictureNetwork {
  const input = session.inputs.find(isPicture);
  const output = session.outputs.find(isPicture);
  if (!input || !output) throw new ModelError(model, `Expected a network from a picture to a picture for ${model}.`);
  return {
    ...traits,
    async run(tensor) {
      const results = await session.run({ [input.name]: typed(tensor, input, model) });
      return floats(results[output.name], model);
    },
  };
}

/** True for [n, 3, h, w] of 32-bit or 16-bit floats, where n can be one. */
export function isPicture({ type, dims }: Port): boolean {
  const one = typeof dims[0] !== 'number' || dims[0] === 1 || dims[0] < 0;
  return (type === 'float32' || type === 'float16') && dims.length === 4 && dims[1] === 3 && one;
}

/** The tensor in the type that the port takes. */
export function typed({ dims, data }: Tensor, port: Port, model: string): TypedTensor {
  if (port.type === 'float32') return { type: 'float32', dims, data };
  if (port.type === 'float16') return { type: 'float16', dims, data: toHalf(data) };
  if (port.type === 'float64') return { type: 'float64', dims, data: Float64Array.from(data) };
  throw new ModelError(
    model,
    `Expected ${model} to read floating-point numbers but its input ${port.name} is ${port.type}.`,
  );
}

/** An output as 32-bit floats. */
export function floats(tensor: TypedTensor | undefined, model: string): Tensor {
  if (tensor?.type === 'float32') return tensor;
  if (tensor?.type === 'float16') return { dims: tensor.dims, data: fromHalf(tensor.data) };
  throw new ModelError(
    model,
    `Expected floating-point numbers from ${model} but received ${tensor?.type ?? 'nothing'}.`,
  );
}
