import { GraphBuilder, type Value } from './graph-builder.ts';
import { sizeOf } from './weight-source.ts';

/** Layers of Stable Diffusion's networks, named after the torch modules whose weights they use. */
export class NetworkBuilder extends GraphBuilder {
  /**
   * nn.Linear on the last axis of [batch, tokens, in], or of [batch, in] with `rank` 2. The checkpoint's [out, in] matrix is
   * used as it is, transposed by Gemm. `rows` gives a range of the outputs.
   */
  linear(x: Value, name: string, { rows, rank = 3 }: { rows?: readonly [number, number]; rank?: 2 | 3 } = {}): Value {
    const [outputs = 0, ...inner] = this.entry(`${name}.weight`).shape;
    const inputs = sizeOf(inner);
    const matrix = this.weight(`${name}.weight`, [outputs, inputs], rows);
    const bias = this.has(`${name}.bias`) ? [this.weight(`${name}.bias`, undefined, rows)] : [];
    const flat = rank === 2 ? x : this.once(`flat ${x}`, () => this.reshape(x, -1, inputs));
    const y = this.operation('Gemm', [flat, matrix, ...bias], { transB: 1 });
    if (rank === 2) return y;
    return this.operation('Reshape', [y, this.#tokensShape(rows ? rows[1] - rows[0] : outputs)]);
  }

  /** nn.Conv2d with a square kernel; by default the padding keeps the size. `pads` are top, left, bottom, right. */
  conv(x: Value, name: string, { stride = 1, pads }: { stride?: number; pads?: readonly number[] } = {}): Value {
    const { shape } = this.entry(`${name}.weight`);
    const [outputs = 0, inputs = 0, kernel = 1] = shape;
    const border = (kernel - 1) / 2;
    // Some autoencoders keep 1×1 convolutions as matrices.
    const weight = this.weight(`${name}.weight`, [outputs, inputs, kernel, kernel]);
    const bias = this.has(`${name}.bias`) ? [this.weight(`${name}.bias`)] : [];
    return this.operation('Conv', [x, weight, ...bias], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: pads ?? [border, border, border, border],
    });
  }

  layerNorm(x: Value, name: string, epsilon: number): Value {
    const parameters = [this.weight(`${name}.weight`), this.weight(`${name}.bias`)];
    return this.operation('LayerNormalization', [x, ...parameters], { axis: -1, epsilon: { float: epsilon } });
  }

  /** nn.GroupNorm on [batch, channels, height, width], as the faster instance normalization of [batch, groups, rest]. */
  groupNorm(x: Value, name: string, groups: number, epsilon: number): Value {
    const channels = sizeOf(this.entry(`${name}.weight`).shape);
    const unscaled = [this.#constant('ones', 1, groups), this.#constant('zeros', 0, groups)];
    const grouped = this.reshape(x, 0, groups, -1);
    const normal = this.operation('InstanceNormalization', [grouped, ...unscaled], { epsilon: { float: epsilon } });
    const whole = this.operation('Reshape', [normal, this.shape(x)]);
    const scaled = this.operation('Mul', [whole, this.weight(`${name}.weight`, [channels, 1, 1])]);
    return this.add(scaled, this.weight(`${name}.bias`, [channels, 1, 1]));
  }

  /** Multi-head attention of [batch, tokens, width]; `causal` hides later tokens from earlier ones. */
  attention(query: Value, key: Value, value: Value, heads: number, causal = false): Value {
    const attributes = { num_heads: heads, unidirectional: causal ? 1 : 0 };
    return this.contrib('MultiHeadAttention', [query, key, value], attributes);
  }

  /** x·σ(x). */
  silu(x: Value): Value {
    return this.contrib('QuickGelu', [x], { alpha: { float: 1 } });
  }

  /** x·σ(1.702·x), OpenAI's approximation of GELU. */
  quickGelu(x: Value): Value {
    return this.contrib('QuickGelu', [x], { alpha: { float: 1.702 } });
  }

  /** The exact GELU, x·Φ(x). */
  gelu(x: Value): Value {
    return this.operation('Gelu', [x]);
  }

  add(a: Value, b: Value): Value {
    return this.operation('Add', [a, b]);
  }

  /** 0 keeps a size, -1 takes what remains. */
  reshape(x: Value, ...sizes: number[]): Value {
    return this.operation('Reshape', [x, this.integers(...sizes)]);
  }

  shape(x: Value): Value {
    return this.once(`shape of ${x}`, () => this.operation('Shape', [x]));
  }

  /** [batch, channels, height, width] as tokens [batch, height·width, channels]; `back` undoes it. */
  tokens(x: Value, channels: number): { tokens: Value; back: (tokens: Value) => Value } {
    const last = this.operation('Transpose', [x], { perm: [0, 2, 3, 1] });
    const back = (tokens: Value) => {
      const picture = this.operation('Reshape', [tokens, this.shape(last)]);
      return this.operation('Transpose', [picture], { perm: [0, 3, 1, 2] });
    };
    return { tokens: this.reshape(last, 0, -1, channels), back };
  }

  /** Nearest-neighbour enlargement: twice, or to the height and width of `like`, which may be odd. */
  upsample(x: Value, like?: Value): Value {
    const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    if (like === undefined) {
      const scales = this.floats('twice', new Float32Array([1, 1, 2, 2]));
      return this.operation('Resize', [x, '', scales], attributes);
    }
    const kept = this.operation('Shape', [x], { start: 0, end: 2 });
    const wanted = this.operation('Shape', [like], { start: 2, end: 4 });
    return this.operation('Resize', [x, '', '', this.operation('Concat', [kept, wanted], { axis: 0 })], attributes);
  }

  #constant(label: string, value: number, count: number): Value {
    const name = `${label} ${count}`;
    const values = this.floats(name, new Float32Array(count).fill(value));
    return this.once(`${name} ${this.compute}`, () => this.cast(values, 'float32', this.compute));
  }

  #tokensShape(width: number): Value {
    const make = () => this.operation('Concat', [this.batch(), this.integers(-1, width)], { axis: 0 });
    return this.once(`tokens of ${width}`, make);
  }
}
