/**
 * `numpy.random.SeedSequence(entropy, spawn_key, pool_size).generate_state(count)`: unsigned 32-bit words
 * (numpy/random/bit_generator.pyx, BSD-3-Clause, after O'Neill's seed_seq_fe).
 */
export function seedWords(entropy: bigint, spawnKey: readonly bigint[], poolSize: number, count: number): number[] {
  const words = wordsOf(entropy);
  if (spawnKey.length > 0) while (words.length < poolSize) words.push(0);
  words.push(...spawnKey.flatMap(wordsOf));
  return stretch(mixedPool(words, poolSize), count);
}

function wordsOf(value: bigint): number[] {
  const words = [Number(value & 0xffffffffn)];
  for (let rest = value >> 32n; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words;
}

/** A hash whose constant moves on with every use. */
function hasher(start: number, multiplier: number): (value: number) => number {
  let constant = start;
  return (value) => {
    const mixed = value ^ constant;
    constant = Math.imul(constant, multiplier);
    const product = Math.imul(mixed, constant);
    return (product ^ (product >>> 16)) >>> 0;
  };
}

function mix(first: number, second: number): number {
  const difference = Math.imul(0xca01f9dd, first) - Math.imul(0x4973f715, second);
  return ((difference >>> 0) ^ (difference >>> 16)) >>> 0;
}

function mixedPool(words: readonly number[], size: number): Uint32Array {
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = Uint32Array.from({ length: size }, (_, index) => hash(words[index] ?? 0));
  for (const source of pool.keys()) {
    for (const target of pool.keys()) {
      if (source !== target) pool[target] = mix(pool[target] ?? 0, hash(pool[source] ?? 0));
    }
  }
  for (const word of words.slice(size)) {
    for (const target of pool.keys()) pool[target] = mix(pool[target] ?? 0, hash(word));
  }
  return pool;
}

function stretch(pool: Uint32Array, count: number): number[] {
  const hash = hasher(0x8b51f9dd, 0x58f38ded);
  return Array.from({ length: count }, (_, index) => hash(pool[index % pool.length] ?? 0));
}
