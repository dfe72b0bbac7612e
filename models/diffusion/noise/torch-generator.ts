import { MersenneTwister } from './mersenne-twister.ts';
import { logarithm, sineAndCosine } from './vector-math.ts';

const block = 16;
const fullTurn = Math.fround(2 * Math.PI);
const pair = new Float32Array(2);

/**
 * The CPU generator of torch on x86 with AVX2 or AVX-512: `normal` gives what `torch.randn` gives, bit for bit
 * (ATen/native/cpu/DistributionTemplates.h, `normal_fill_AVX2` and `normal_distribution`).
 */
export class TorchGenerator {
  private readonly twister: MersenneTwister;
  // Short requests make normals in twos; torch keeps the second half for the next short request.
  private spare: number | undefined;

  constructor(seed: bigint | number) {
    this.twister = new MersenneTwister(seed);
  }

  /** `count` values of the standard normal distribution, in float32. */
  normal(count: number): Float32Array {
    const values = new Float32Array(count);
    if (count < block) return values.map(() => this.single());
    for (let index = 0; index < count; index++) values[index] = this.uniform();
    for (let start = 0; start + block <= count; start += block) transform(values, start);
    if (count % block !== 0) {
      // The last sixteen are drawn anew, overlapping what was there: torch does the same.
      const start = count - block;
      for (let index = start; index < count; index++) values[index] = this.uniform();
      transform(values, start);
    }
    return values;
  }

  /** A float32 in [0, 1), of 24 random bits. */
  private uniform(): number {
    return (this.twister.next() & 0xffffff) * 2 ** -24;
  }

  /** A double in [0, 1), of 53 random bits; the first word drawn is the high one. */
  private preciseUniform(): number {
    const high = this.twister.next();
    return ((high & 0x1fffff) * 2 ** 32 + this.twister.next()) * 2 ** -53;
  }

  private single(): number {
    const { spare } = this;
    this.spare = undefined;
    if (spare !== undefined) return spare;
    const angle = 2 * Math.PI * this.preciseUniform();
    const radius = Math.sqrt(-2 * Math.log1p(-this.preciseUniform()));
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** Box and Muller (1958) on sixteen uniforms in place: eight radii, then eight angles. */
function transform(values: Float32Array, start: number): void {
  for (let index = start; index < start + block / 2; index++) {
    const radius = Math.fround(Math.sqrt(-2 * logarithm(Math.fround(1 - (values[index] ?? 0)))));
    sineAndCosine(Math.fround(fullTurn * (values[index + block / 2] ?? 0)), pair);
    values[index] = radius * (pair[1] ?? 0);
    values[index + block / 2] = radius * (pair[0] ?? 0);
  }
}
