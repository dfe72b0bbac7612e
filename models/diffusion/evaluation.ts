import type { Tensor } from '../contracts.ts';
import { NonFiniteError } from '../errors.ts';
import type { Session, TypedTensor } from '../session.ts';

/** Runs a network that has one float32 output. */
export async function outputOf(session: Session, inputs: Record<string, TypedTensor>): Promise<Tensor> {
  const [output] = Object.values(await session.run(inputs));
  if (output?.type === 'float32') return output;
  throw new TypeError(`Expected float32 values from the network but received ${output?.type ?? 'nothing'}`);
}

/** Whether every value is a number. */
export function allFinite({ data }: Tensor): boolean {
  return data.every(Number.isFinite);
}

/** Throws `NonFiniteError` when a value is NaN or infinite; `origin` says where it comes from. */
export function expectFinite(tensor: Tensor, origin: string): void {
  if (allFinite(tensor)) return;
  const value = tensor.data.find((number) => !Number.isFinite(number));
  throw new NonFiniteError(
    `Expected numbers from ${origin} but received ${value}; the model may be damaged or its settings extreme.`,
  );
}
