import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelError } from '../../../models/errors.ts';
import { NetworkBuilder } from '../../../models/weights/network-builder.ts';
import { readSafetensors } from '../../../models/weights/safetensors.ts';
import { rowsOf, type TensorEntry, type WeightSource } from '../../../models/weights/weight-source.ts';
import { openNetwork, outputOf } from '../../support/networks.ts';
import { type StoredTensor, writeSafetensors } from '../../support/safetensors.ts';

let folder: string;
let source: WeightSource;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'builder-'));
  const file = path.join(folder, 'weights.safetensors');
  await writeSafetensors(file, {
    'dense.weight': floats([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
    'dense.bias': floats([4], [10, 20, 30, 40]),
    'norm.weight': floats([2], [2, 3]),
    'norm.bias': floats([2], [0.5, -0.5]),
    'counts.weight': { dtype: 'I32', shape: [1], bytes: new Uint8Array(4) },
  });
  const { tensors } = await readSafetensors(file);
  source = { label: 'weights.safetensors', find: (name) => tensors.get(name) };
});
afterAll(() => rm(folder, { recursive: true }));

function floats(shape: number[], values: number[]): StoredTensor {
  return { dtype: 'F32', shape, bytes: new Uint8Array(new Float32Array(values).buffer) };
}

/** What a network of one input and one output makes of these values. */
async function computed(dims: number[], values: number[], build: (net: NetworkBuilder, x: string) => string) {
  const net = new NetworkBuilder('test', source, 'float32');
  const result = build(
    net,
    net.floatInput(
      'x',
      dims.map((_, axis) => `size_${axis}`),
    ),
  );
  net.output(
    'y',
    result,
    dims.map((_, axis) => `result_${axis}`),
  );
  // Every network has weights; this one may not use any of them.
  net.weight('dense.bias');
  await using session = await openNetwork(net.finish());
  const output = await outputOf(session, { x: { type: 'float32', dims, data: Float32Array.from(values) } });
  return { dims: output.dims, values: [...output.data] };
}

test('a linear layer is x·Wᵀ + b on every token of every row', async () => {
  const result = await computed([2, 1, 2], [1, 0, 1, 1], (net, x) => net.linear(x, 'dense'));
  expect(result).toEqual({ dims: [2, 1, 4], values: [11, 23, 35, 47, 13, 27, 41, 55] });
});

test('a range of rows gives those outputs alone, bias included', async () => {
  const result = await computed([1, 1, 2], [1, 1], (net, x) => net.linear(x, 'dense', { rows: [2, 4] }));
  expect(result).toEqual({ dims: [1, 1, 2], values: [41, 55] });
});

test('the rows of a tensor tile its bytes', () => {
  const shapes = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.nat(1000));
  fc.assert(
    fc.property(shapes, fc.nat(), ([rows, columns, offset], cutSeed) => {
      const entry: TensorEntry = {
        file: 'f',
        name: 'n',
        type: 'float16',
        shape: [rows, columns],
        offset,
        length: rows * columns * 2,
      };
      const cut = 1 + (cutSeed % (rows - 1));
      const [first, second] = [rowsOf(entry, 0, cut), rowsOf(entry, cut, rows)];
      expect(first.offset).toBe(entry.offset);
      expect(second.offset).toBe(first.offset + first.length);
      expect(first.length + second.length).toBe(entry.length);
      expect(first.shape).toEqual([cut, columns]);
    }),
  );
});

test('group norm has mean 0 and variance 1 in each group before it is scaled', async () => {
  const { values } = await computed([1, 2, 1, 2], [1, 3, 10, 30], (net, x) => net.groupNorm(x, 'norm', 2, 1e-9));
  expect(values.map((value) => Math.round(value * 1e4) / 1e4)).toEqual([-1.5, 2.5, -3.5, 2.5]);
});

test('the activations are the functions they are named after', async () => {
  const points = [-3, -0.5, 0, 1, 4];
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const near = (values: number[]) => values.map((value) => expect.closeTo(value, 5));
  expect((await computed([1, 5], points, (net, x) => net.silu(x))).values).toEqual(
    near(points.map((x) => x * sigmoid(x))),
  );
  const quick = points.map((x) => x * sigmoid(1.702 * x));
  expect((await computed([1, 5], points, (net, x) => net.quickGelu(x))).values).toEqual(near(quick));
  // x·Φ(x) with Φ from tables; the tanh approximation would give 0.84119 at 1.
  const exact = [-0.00405, -0.154269, 0, 0.841345, 3.999873];
  expect((await computed([1, 5], points, (net, x) => net.gelu(x))).values).toEqual(near(exact));
});

test('enlarging repeats pixels, to odd sizes too', async () => {
  const twice = await computed([1, 1, 1, 2], [1, 2], (net, x) => net.upsample(x));
  expect(twice).toEqual({ dims: [1, 1, 2, 4], values: [1, 1, 2, 2, 1, 1, 2, 2] });
  const odd = await computed([1, 1, 1, 3], [1, 2, 3], (net, x) => {
    const small = net.operation('Slice', [x, net.integers(0), net.integers(2), net.integers(3)]);
    return net.upsample(small, x);
  });
  expect(odd).toEqual({ dims: [1, 1, 1, 3], values: [1, 1, 2] });
});

test('causal attention hides what comes later', async () => {
  const attend = (causal: boolean) => (net: NetworkBuilder, x: string) => net.attention(x, x, x, 1, causal);
  const hidden = await computed([1, 2, 2], [1, 0, 0, 5], attend(true));
  expect(hidden.values.slice(0, 2)).toEqual([1, 0]);
  const open = await computed([1, 2, 2], [1, 0, 0, 5], attend(false));
  expect(open.values[1]).toBeGreaterThan(0.1);
});

test.each<[string, (net: NetworkBuilder) => unknown, string]>([
  [
    'a tensor that is not there',
    (net) => net.weight('missing.weight'),
    'weights.safetensors lacks the tensor missing.weight',
  ],
  ['a shape of another size', (net) => net.weight('dense.weight', [3, 3]), 'Expected shape [3,3] for dense.weight'],
  ['whole numbers', (net) => net.weight('counts.weight'), 'stores counts.weight as int32, which is not supported'],
])('%s cannot be used as weights', (_, use, message) => {
  const net = new NetworkBuilder('test', source, 'float32');
  expect(() => use(net)).toThrow(ModelError);
  expect(() => use(net)).toThrow(message);
});
