import { ModelError } from '../errors.ts';
import { externalLocation } from '../session.ts';
import {
  type Attribute,
  type ElementType,
  elementTypes,
  encodeModel,
  type GraphNode,
  type Initializer,
  type ValueInfo,
} from './onnx-proto.ts';
import { rowsOf, sizeOf, type TensorEntry, type WeightSource } from './weight-source.ts';

/** The name of a value inside the graph. */
export type Value = string;

/** The type a network computes in. Weights of another type are converted by a Cast that ONNX Runtime folds when it loads. */
export type Compute = 'float32' | 'float16';

/** A network ready for `openSession`: the model's bytes, and the folder its weights are found under. */
export interface CompiledNetwork {
  readonly bytes: Uint8Array;
  readonly weightsRoot: string;
}

const floatTypes: readonly ElementType[] = ['float32', 'float16', 'bfloat16', 'float64'];

/**
 * Writes an ONNX graph operation by operation. Weights are looked up by name and become references into the checkpoint's
 * file: nothing is read or copied, so a Stable Diffusion denoiser is a model of about 0.3 MB.
 */
export class GraphBuilder {
  readonly compute: Compute;
  readonly #name: string;
  readonly #weights: WeightSource;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #made = new Map<string, Value>();
  #weightsRoot: string | undefined;

  constructor(name: string, weights: WeightSource, compute: Compute) {
    this.#name = name;
    this.#weights = weights;
    this.compute = compute;
  }

  input(name: string, type: 'float32' | 'int32', dims: readonly (number | string)[]): Value {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  /** A float32 input, converted to what the network computes in. */
  floatInput(name: string, dims: readonly (number | string)[]): Value {
    return this.cast(this.input(name, 'float32', dims), 'float32', this.compute);
  }

  /** A result, float32 whatever the network computes in. */
  output(name: string, value: Value, dims: readonly (number | string)[]): void {
    const result = this.cast(value, this.compute, 'float32');
    this.#nodes.push({ operator: 'Identity', domain: '', inputs: [result], output: name, attributes: {} });
    this.#outputs.push({ name, type: 'float32', dims });
  }

  /** The first size of the first input, as a vector of one. */
  batch(): Value {
    const [first] = this.#inputs;
    if (!first) throw new Error(`Expected ${this.#name} to have an input before its batch is asked for`);
    return this.once('batch', () => this.operation('Shape', [first.name], { start: 0, end: 1 }));
  }

  operation(
    operator: string,
    inputs: readonly Value[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value {
    const output = `${operator}_${this.#nodes.length}`;
    this.#nodes.push({ operator, domain, inputs, output, attributes });
    return output;
  }

  /** An operation of ONNX Runtime's own set, which its processor and GPU providers share. */
  contrib(operator: string, inputs: readonly Value[], attributes: Record<string, Attribute> = {}): Value {
    return this.operation(operator, inputs, attributes, 'com.microsoft');
  }

  cast(value: Value, from: ElementType, to: ElementType): Value {
    return from === to ? value : this.operation('Cast', [value], { to: elementTypes[to] });
  }

  integers(...values: number[]): Value {
    const bytes = new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer);
    const name = `integers_${values.join('_')}`;
    return this.once(name, () => this.#initializer({ name, type: 'int64', dims: [values.length], content: bytes }));
  }

  floats(name: string, values: Float32Array, dims: readonly number[] = [values.length]): Value {
    return this.once(name, () => this.#initializer({ name, type: 'float32', dims, content: bytesOf(values) }));
  }

  /** Values made once and shared by everything that asks for the same key. */
  once(key: string, make: () => Value): Value {
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made;
  }

  has(name: string): boolean {
    return this.#weights.find(name) !== undefined;
  }

  /** Throws `ModelError` when the checkpoint lacks the tensor. */
  entry(name: string): TensorEntry {
    const entry = this.#weights.find(name);
    if (entry) return entry;
    const { label } = this.#weights;
    throw new ModelError(label, `${label} lacks the tensor ${name}; it is incomplete or of an unsupported kind.`);
  }

  /**
   * A checkpoint's tensor. `shape` reads the same bytes in another shape (a 1×1 convolution as a matrix), `rows` takes a
   * range of the first axis (half of a gated layer); both are free.
   */
  weight(name: string, shape?: readonly number[], rows?: readonly [start: number, end: number]): Value {
    const key = `${name}${shape ? ` as ${shape.join('×')}` : ''}${rows ? ` rows ${rows.join(' to ')}` : ''}`;
    return this.once(key, () => {
      const whole = this.#reshaped(name, shape);
      const { file, type, offset, length, shape: dims } = rows ? rowsOf(whole, ...rows) : whole;
      const content = { location: this.#locate(file), offset, length };
      return this.cast(this.#initializer({ name: key, type, dims, content }), type, this.compute);
    });
  }

  finish(): CompiledNetwork {
    const bytes = encodeModel({
      name: this.#name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      initializers: this.#initializers,
    });
    if (this.#weightsRoot === undefined) throw new Error(`Expected ${this.#name} to use weights but it uses none`);
    return { bytes, weightsRoot: this.#weightsRoot };
  }

  #initializer(initializer: Initializer): Value {
    this.#initializers.push(initializer);
    return initializer.name;
  }

  #reshaped(name: string, shape: readonly number[] | undefined): TensorEntry {
    const entry = this.entry(name);
    const { label } = this.#weights;
    if (!floatTypes.includes(entry.type)) {
      const message = `${label} stores ${name} as ${entry.type}, which is not supported; get an fp16 or fp32 version.`;
      throw new ModelError(label, message);
    }
    if (!shape) return entry;
    if (sizeOf(shape) === sizeOf(entry.shape)) return { ...entry, shape };
    throw new ModelError(label, `Expected shape [${shape}] for ${name} of ${label} but received [${entry.shape}].`);
  }

  #locate(file: string): string {
    const { root, location } = externalLocation(file);
    this.#weightsRoot ??= root;
    if (root === this.#weightsRoot) return location;
    const { label } = this.#weights;
    throw new ModelError(label, `Expected all files of ${label} on one drive; move them together.`);
  }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
