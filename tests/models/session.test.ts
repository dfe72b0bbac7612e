import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { externalLocation, openSession } from '../../models/session.ts';
import { type CompiledNetwork, GraphBuilder } from '../../models/weights/graph-builder.ts';
import { readSafetensors } from '../../models/weights/safetensors.ts';
import { openNetwork, outputOf } from '../support/networks.ts';
import { writeSafetensors } from '../support/safetensors.ts';

let folder: string;
let weights: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'session-'));
  weights = path.join(folder, 'weights.safetensors');
  await writeSafetensors(weights, {
    scale: { dtype: 'F32', shape: [2], bytes: new Uint8Array(new Float32Array([10, 100]).buffer) },
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** A network that multiplies [rows, 2] by [10, 100]. */
async function scaling(file = weights): Promise<CompiledNetwork> {
  const { tensors } = await readSafetensors(file);
  const graph = new GraphBuilder('scaling', { label: 'test', find: (name) => tensors.get(name) }, 'float32');
  const x = graph.floatInput('x', ['rows', 2]);
  graph.output('y', graph.operation('Mul', [x, graph.weight('scale')]), ['rows', 2]);
  return graph.finish();
}

const two = { type: 'float32', dims: [1, 2], data: new Float32Array([1, 2]) } as const;

test('a session tells its inputs and outputs and computes', async () => {
  await using session = await openNetwork(await scaling());
  expect(session.inputs).toEqual([{ name: 'x', type: 'float32', dims: ['rows', 2] }]);
  expect(session.outputs).toEqual([{ name: 'y', type: 'float32', dims: ['rows', 2] }]);
  expect(await outputOf(session, { x: two })).toEqual({
    type: 'float32',
    dims: [1, 2],
    data: new Float32Array([10, 200]),
  });
});

test.each([false, true])('weights prepacked: %s, with the same result', async (prepack) => {
  const { bytes, weightsRoot } = await scaling();
  await using session = await openSession(bytes, { weightsRoot, threads: 1, prepack });
  expect([...(await outputOf(session, { x: two })).data]).toEqual([10, 200]);
});

test('a model in a file finds weights beside it', async () => {
  const file = path.join(folder, 'model.onnx');
  const { bytes, weightsRoot } = await scaling();
  await writeFile(file, bytes);
  await using session = await openSession(file, { weightsRoot, threads: 1 });
  expect([...(await outputOf(session, { x: two })).data]).toEqual([10, 200]);
});

test('weights behind a symbolic link are found where they are', async () => {
  const link = path.join(folder, 'link.safetensors');
  await symlink(weights, link);
  expect(externalLocation(link)).toEqual(externalLocation(weights));
  await using session = await openNetwork(await scaling(link));
  expect([...(await outputOf(session, { x: two })).data]).toEqual([10, 200]);
});

test('weights outside the allowed folder are refused', async () => {
  const { bytes } = await scaling();
  await expect(openSession(bytes, { weightsRoot: path.join(folder), threads: 1 })).rejects.toThrow();
});

test('a file cut short after it was read is an error and no crash', async () => {
  const short = path.join(folder, 'short.safetensors');
  await writeSafetensors(short, { scale: { dtype: 'F32', shape: [2], bytes: new Uint8Array(8) } });
  const network = await scaling(short);
  await truncate(short, 12);
  await expect(openNetwork(network)).rejects.toThrow('out of bounds');
});

test('bytes that are no model are refused', async () => {
  await expect(openSession(new Uint8Array([1, 2, 3]))).rejects.toThrow();
});

test('a provider that is not there is an error; nothing falls back in silence', async () => {
  const { bytes, weightsRoot } = await scaling();
  const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
  await expect(openSession(bytes, { weightsRoot, provider: absent })).rejects.toThrow(absent);
});

test('a released session does not run, and releasing twice is harmless', async () => {
  const session = await openNetwork(await scaling());
  await session.release();
  await session.release();
  await session[Symbol.asyncDispose]();
  await expect(session.run({ x: two })).rejects.toThrow();
});
