import { fileURLToPath } from 'node:url';
import { openSession, type Session, type TypedTensor } from '../../models/session.ts';
import type { CompiledNetwork } from '../../models/weights/graph-builder.ts';
import { readTensors } from './safetensors.ts';

/** The path of something in tests/goldens. */
export function golden(name: string): string {
  return fileURLToPath(new URL(`../goldens/${name}`, import.meta.url));
}

/** Loads a compiled network on one thread, so that sums are formed in the same order everywhere. */
export function openNetwork({ bytes, weightsRoot }: CompiledNetwork): Promise<Session> {
  return openSession(bytes, { weightsRoot, threads: 1 });
}

/** The tensors of a golden file, by name; asking for one that is not there fails. */
export async function goldenTensors(name: string): Promise<(tensor: string) => FloatTensor> {
  const tensors = await readTensors(golden(name));
  return (tensor) => {
    const found = tensors.get(tensor);
    if (!found) throw new Error(`Expected ${tensor} in ${name} but it has ${[...tensors.keys()].join(', ')}`);
    return { type: 'float32', ...found };
  };
}
type FloatTensor = { type: 'float32'; dims: readonly number[]; data: Float32Array };

/** Runs a network with one output and gives its values. */
export async function outputOf(session: Session, inputs: Record<string, TypedTensor>): Promise<FloatTensor> {
  const [output, ...others] = Object.values(await session.run(inputs));
  if (output?.type !== 'float32' || others.length > 0) throw new Error('Expected one float32 output');
  return output;
}

/** The largest difference of two tensors of equal size; infinity where one has a value that is no number. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError(`Expected ${b.length} values but received ${a.length}`);
  const differences = a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN)));
  return differences.reduce((largest, next) => (next >= 0 ? Math.max(largest, next) : Number.POSITIVE_INFINITY), 0);
}
