import { seedWords } from './seed-sequence.ts';
import { TorchGenerator } from './torch-generator.ts';

const poolSize = 24;
const kept = 64;
const round = Math.fround;

/** Python's `round(value, 6)` for a value that is not negative: exact decimals, ties to even. */
export function roundToMicro(value: number): number {
  const [whole = '0', fraction = ''] = value.toFixed(30).split('.');
  const kept = BigInt(whole + fraction.slice(0, 6));
  const rest = BigInt(fraction.slice(6));
  const half = 5n * 10n ** 23n;
  const rounded = rest > half || (rest === half && kept % 2n === 1n) ? kept + 1n : kept;
  return Number(`${rounded / 1000000n}.${String(rounded % 1000000n).padStart(6, '0')}`);
}

interface Place {
  readonly start: number;
  readonly end: number;
  /** Where a piece stands in its tree: the path from the root in binary, and its length. */
  readonly path: bigint;
  readonly depth: bigint;
}

interface Tree {
  readonly seed: bigint;
  readonly recent: RecentValues;
}

/** The values used last. All of them would be 80 MB after 60 steps at 512 pixels; a forgotten one can be drawn again. */
class RecentValues {
  private readonly values = new Map<Interval, Float32Array>();

  get(interval: Interval, make: () => Float32Array): Float32Array {
    const value = this.values.get(interval) ?? make();
    this.values.delete(interval);
    this.values.set(interval, value);
    for (const oldest of this.values.keys()) {
      if (this.values.size <= kept) break;
      this.values.delete(oldest);
    }
    return value;
  }
}

/** A piece of the time line. Splitting always halves, so equal questions meet equal pieces in any order of asking. */
class Interval {
  readonly start: number;
  readonly end: number;
  private readonly path: bigint;
  private readonly depth: bigint;
  private readonly tree: Tree;
  private readonly increment: () => Float32Array;
  private halves: readonly [Interval, Interval] | undefined;

  constructor(place: Place, tree: Tree, increment: () => Float32Array) {
    this.start = roundToMicro(place.start);
    this.end = roundToMicro(place.end);
    this.path = place.path;
    this.depth = place.depth;
    this.tree = tree;
    this.increment = increment;
  }

  /** W(end) − W(start). */
  value(): Float32Array {
    return this.tree.recent.get(this, this.increment);
  }

  /** The fewest pieces that together are [from, to], from left to right. */
  cover(from: number, to: number): Interval[] {
    if (from >= to) return [];
    if (from <= this.start && to >= this.end) return [this];
    const [left, right] = this.split();
    // A time closer than the rounding to a border cannot be split off any more.
    if (left.end <= this.start || left.end >= this.end) return [this];
    return [
      ...(from < left.end ? left.cover(from, Math.min(to, left.end)) : []),
      ...(to > left.end ? right.cover(Math.max(from, left.end), to) : []),
    ];
  }

  private split(): readonly [Interval, Interval] {
    this.halves ??= this.bridge(0.5 * (this.end + this.start));
    return this.halves;
  }

  /** The Brownian bridge: given W at both ends, W in the middle is normal around their mean. */
  private bridge(middle: number): readonly [Interval, Interval] {
    const { tree, path, start, end } = this;
    const depth = this.depth + 1n;
    const left: Interval = new Interval({ start, end: middle, path: path * 2n, depth }, tree, () =>
      this.leftIncrement(left.end),
    );
    const right = new Interval({ start: middle, end, path: path * 2n + 1n, depth }, tree, () => {
      const leftValue = left.value();
      return this.value().map((whole, index) => whole - (leftValue[index] ?? 0));
    });
    return [left, right];
  }

  private leftIncrement(middle: number): Float32Array {
    const whole = this.value();
    const inverse = 1 / (this.end - this.start);
    const before = middle - this.start;
    const deviation = round(Math.sqrt(before * (this.end - middle) * inverse));
    const seed = seedWords(this.tree.seed, [this.path, this.depth], poolSize, 4)[0] ?? 0;
    const noise = new TorchGenerator(seed).normal(whole.length);
    const [share, scale] = [round(before), round(inverse)];
    return noise.map((draw, index) => {
      const mean = round(round(share * (whole[index] ?? 0)) * scale);
      return round(mean + round(deviation * draw));
    });
  }
}

/**
 * Brownian motion over the noise levels, as `torchsde.BrownianTree` draws it with `pool_size` 24 and a tolerance of
 * 1e-6 (google-research/torchsde, Apache-2.0): the same seed gives the same path however finely it is asked for.
 */
export class BrownianTree {
  private readonly root: Interval;
  private readonly count: number;

  /** `count` values over [start, end], which are noise levels. */
  constructor(range: { start: number; end: number }, count: number, seed: bigint) {
    this.count = count;
    this.root = new Interval({ ...range, path: 0n, depth: 0n }, { seed, recent: new RecentValues() }, () => {
      const scale = round(Math.sqrt(range.end - range.start));
      const first = seedWords(seed, [], poolSize, 3)[0] ?? 0;
      return new TorchGenerator(first).normal(count).map((draw) => draw * scale);
    });
  }

  /** W(to) − W(from), scaled to unit variance: the noise between two levels in either order. */
  between(from: number, to: number): Float32Array {
    const [low, high] = from < to ? [round(from), round(to)] : [round(to), round(from)];
    const sum = this.query(low, high);
    const scale = round(Math.sqrt(round(high - low)));
    const sign = from > to ? -1 : 1;
    return sum.map((value) => (value * sign) / scale);
  }

  private query(from: number, to: number): Float32Array {
    const { start, end } = this.root;
    const clamp = (time: number) => roundToMicro(Math.min(Math.max(time, start), end));
    const pieces = this.root.cover(clamp(from), clamp(to)).map((piece) => piece.value());
    const [first = new Float32Array(this.count), ...others] = pieces;
    return others.reduce((sum, piece) => sum.map((value, index) => value + (piece[index] ?? 0)), first);
  }
}
