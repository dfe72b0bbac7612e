import { beforeAll, expect, test } from 'vitest';
import { type Checkpoint, readCheckpoint } from '../../../models/diffusion/checkpoint.ts';
import { compileTextEncoder } from '../../../models/diffusion/text-encoder.ts';
import { golden, goldenTensors, largestDifference, openNetwork, outputOf } from '../../support/networks.ts';

let textEncoder: Checkpoint['textEncoder'];
beforeAll(async () => {
  ({ textEncoder } = await readCheckpoint(golden('sd-tiny')));
});

test.each([
  { clipSkip: 1, expected: 'hidden_states' },
  { clipSkip: 2, expected: 'skip2' },
])('the text encoder agrees with transformers at clip skip $clipSkip', async ({ clipSkip, expected }) => {
  const tensor = await goldenTensors('modules/tiny_clip.safetensors');
  const options = { clipSkip, compute: 'float32' } as const;
  await using session = await openNetwork(compileTextEncoder(textEncoder.config, textEncoder.weights, options));
  const ids = tensor('input_ids');
  const output = await outputOf(session, {
    input_ids: { type: 'int32', dims: ids.dims, data: Int32Array.from(ids.data) },
  });
  expect(output.dims).toEqual(tensor(expected).dims);
  expect(largestDifference(output.data, tensor(expected).data)).toBeLessThan(1e-5);
});

test.each([0, 4, 1.5])('a clip skip of %d on three layers is refused', (clipSkip) => {
  const compile = () => compileTextEncoder(textEncoder.config, textEncoder.weights, { clipSkip, compute: 'float32' });
  expect(compile).toThrow('Expected a clip skip from 1 to 3');
});
