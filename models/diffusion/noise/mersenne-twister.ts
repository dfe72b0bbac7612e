const size = 624;
const shift = 397;

/** The 32-bit Mersenne Twister of Matsumoto and Nishimura (1998), seeded like torch: by the low 32 bits alone. */
export class MersenneTwister {
  private readonly state = new Uint32Array(size);
  private position = size;

  constructor(seed: bigint | number) {
    let previous = Number(BigInt.asUintN(32, BigInt(seed)));
    this.state[0] = previous;
    for (let index = 1; index < size; index++) {
      previous = (Math.imul(1812433253, previous ^ (previous >>> 30)) + index) >>> 0;
      this.state[index] = previous;
    }
  }

  /** The next unsigned 32-bit integer. */
  next(): number {
    if (this.position === size) this.twist();
    let word = this.state[this.position++] ?? 0;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let index = 0; index < size; index++) {
      const high = (state[index] ?? 0) & 0x80000000;
      const following = state[(index + 1) % size] ?? 0;
      const mixed = ((high | (following & 0x7fffffff)) >>> 1) ^ (following & 1 ? 0x9908b0df : 0);
      state[index] = (state[(index + shift) % size] ?? 0) ^ mixed;
    }
    this.position = 0;
  }
}
