import { expect, test } from 'vitest';
import { loadCheckpointTokenizer } from '../../../models/diffusion/checkpoint-tokenizer.ts';
import { bundled } from '../../support/diffusers.ts';
import { golden } from '../../support/networks.ts';

test('a checkpoint with a tokenizer of its own uses it', async () => {
  const own = { tokenizer: golden('sd-tiny/tokenizer'), family: 'sd1' } as const;
  expect(await loadCheckpointTokenizer(own, bundled.clipTokenizer)).toMatchObject({ bos: 998, eos: 999, pad: 999 });
});

test.each([
  { family: 'sd1', pad: 49407 },
  { family: 'sd2', pad: 0 },
] as const)('a single file of $family uses CLIP’s and fills up with $pad', async ({ family, pad }) => {
  const tokenizer = await loadCheckpointTokenizer({ tokenizer: undefined, family }, bundled.clipTokenizer);
  expect(tokenizer).toMatchObject({ bos: 49406, eos: 49407, pad });
});
