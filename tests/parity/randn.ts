import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TorchGenerator } from '../../models/diffusion/noise/torch-generator.ts';
import type { ParityCase, ParityGroup } from './parity-case.ts';

const latentCount = 4 * 64 * 64;
const oddCount = 23;

const seedSchema = z.object({
  sha_1x4x64x64: z.string(),
  sha_second: z.string(),
  n5: z.array(z.number()),
  n4_after: z.array(z.number()),
  n23_last: z.array(z.number()),
});

/** torch.randn, bit for bit: whole latents by their hashes, short and odd lengths value by value. */
export const randnGroup: ParityGroup = {
  name: 'randn',
  file: 'randn-avx.json',
  cases: async (goldens) => {
    const recorded = await goldens.json('randn-avx.json', z.record(z.string(), z.unknown()));
    const seeds = Object.entries(recorded).filter(([name]) => /^\d+$/.test(name));
    return seeds.flatMap(([seed, values]) => casesOf(BigInt(seed), seedSchema.parse(values)));
  },
};

function casesOf(seed: bigint, recorded: z.output<typeof seedSchema>): ParityCase[] {
  const start = () => new TorchGenerator(seed);
  const exact = (name: string, measure: () => number): ParityCase => ({
    name: `seed ${seed}, ${name}`,
    tolerance: 0,
    measure: async () => measure(),
  });
  return [
    exact('two latents', () => {
      const generator = start();
      const hashes = [hashOf(generator.normal(latentCount)), hashOf(generator.normal(latentCount))];
      return differing(hashes, [recorded.sha_1x4x64x64, recorded.sha_second]);
    }),
    exact('5 and then 4 values', () => {
      const generator = start();
      return differing([...generator.normal(5), ...generator.normal(4)], [...recorded.n5, ...recorded.n4_after]);
    }),
    exact('23 values', () => differing([...start().normal(oddCount)], recorded.n23_last)),
  ];
}

function hashOf(values: Float32Array): string {
  return createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
}

/** How many entries differ. */
export function differing<Value>(actual: readonly Value[], expected: readonly Value[]): number {
  const length = Math.max(actual.length, expected.length);
  return Array.from({ length }, (_, index) => actual[index] !== expected[index]).filter(Boolean).length;
}
