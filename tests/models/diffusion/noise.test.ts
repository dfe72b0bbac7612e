import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BrownianTree, roundToMicro } from '../../../models/diffusion/noise/brownian-tree.ts';
import { MersenneTwister } from '../../../models/diffusion/noise/mersenne-twister.ts';
import { seedWords } from '../../../models/diffusion/noise/seed-sequence.ts';
import { TorchGenerator } from '../../../models/diffusion/noise/torch-generator.ts';
import { largestDifference } from '../../support/networks.ts';

// Agreement with torch.randn and torchsde is checked bit for bit in tests/parity.

test('the Mersenne Twister gives the words of the reference implementation', () => {
  const twister = new MersenneTwister(5489);
  const words = Array.from({ length: 10_000 }, () => twister.next());
  // mt19937ar.c, and the ten thousandth word that the C++ standard states.
  expect(words[0]).toBe(3499211612);
  expect(words[9999]).toBe(4123659995);
});

test('only the low 32 bits of a seed count', () => {
  const of = (seed: bigint) => [...new TorchGenerator(seed).normal(20)];
  expect(of(2n ** 32n + 5n)).toEqual(of(5n));
  expect(of(6n)).not.toEqual(of(5n));
});

test('two generators of one seed give the same values whatever is asked of others', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.integer({ min: 1, max: 100 }), (seed, count) => {
      const values = new TorchGenerator(seed).normal(count);
      expect(values.every((value) => Number.isFinite(value) && Math.abs(value) < 9)).toBe(true);
      expect(new TorchGenerator(seed).normal(count)).toEqual(values);
    }),
  );
});

test('noise is normal', () => {
  const values = new TorchGenerator(1n).normal(200_000);
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(variance).toBeCloseTo(1, 1);
});

test("seed words are numpy's", () => {
  // numpy.random.SeedSequence(42).generate_state(4)
  expect(seedWords(42n, [], 4, 4)).toEqual([3444837047, 2669555309, 2046530742, 3581440988]);
});

test('times are rounded to six decimals as Python rounds them', () => {
  const times = [
    0.1234565, 2.5e-6, 5e-7, 14.6146412, 1e-7, 1.0000015, 3.0517578125e-5, 0.0001220703125, 0.00018310546875, 0.1015625,
  ];
  expect(times.map(roundToMicro)).toEqual([
    0.123456, 3e-6, 0.0, 14.614641, 0.0, 1.000001, 3.1e-5, 0.000122, 0.000183, 0.101562,
  ]);
});

test('a Brownian path adds up however it is cut, in any order of asking', () => {
  const level = fc.integer({ min: 1, max: 14_000 }).map((thousandths) => thousandths / 1000);
  fc.assert(
    fc.property(
      fc.uniqueArray(level, { minLength: 3, maxLength: 3 }),
      fc.bigInt({ min: 0n, max: 2n ** 64n }),
      (levels, seed) => {
        const [low = 0, middle = 0, high = 0] = levels.toSorted((a, b) => a - b);
        const range = { start: 0.001, end: 14 };
        const increment = (tree: BrownianTree, from: number, to: number) =>
          tree.between(from, to).map((value) => value * Math.sqrt(to - from));
        const tree = new BrownianTree(range, 4, seed);
        const whole = increment(tree, low, high);
        const second = increment(tree, middle, high);
        const first = increment(tree, low, middle);
        expect(
          largestDifference(
            first.map((value, index) => value + (second[index] ?? 0)),
            whole,
          ),
        ).toBeLessThan(1e-3);
        expect(new BrownianTree(range, 4, seed).between(low, middle)).toEqual(tree.between(low, middle));
        expect(tree.between(middle, low)).toEqual(tree.between(low, middle).map((value) => -value));
      },
    ),
    { numRuns: 40 },
  );
});
