import type { ElementType } from './onnx-proto.ts';

/** Where one tensor lies: a range of bytes in a file. */
export interface TensorEntry {
  readonly file: string;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** Finds tensors by the names Hugging Face's libraries use, whatever the file calls them. */
export interface WeightSource {
  /** The file name a person knows, for messages. */
  readonly label: string;
  find(name: string): TensorEntry | undefined;
}

/** How many values a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Rows `start` to `end` (exclusive) of a tensor's first axis: the same bytes, nothing is copied. */
export function rowsOf(entry: TensorEntry, start: number, end: number): TensorEntry {
  const [rows = 1, ...rest] = entry.shape;
  const rowBytes = entry.length / rows;
  return {
    ...entry,
    name: `${entry.name}[${start}:${end}]`,
    shape: [end - start, ...rest],
    offset: entry.offset + start * rowBytes,
    length: (end - start) * rowBytes,
  };
}
