import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDigests } from '../../models/digests.ts';
import { ModelError } from '../../models/errors.ts';
import { createModelPool } from '../../models/pool.ts';
import { onnx } from '../support/onnx-networks.ts';
import { plainPicture, quietWork, testPicture } from '../support/pictures.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'aria-pool-'));
});
afterEach(() => rm(folder, { recursive: true }));

const { signal } = quietWork;
const put = (name: string, bytes: Uint8Array | string) => writeFile(path.join(folder, name), bytes);
const pool = (memoryBudget = 1e9) =>
  createModelPool({
    bundledFolder: 'models/bundled',
    modelsFolder: folder,
    digestsFile: path.join(folder, 'digests.json'),
    memoryBudget,
    threads: 1,
  });
const sizeOf = async (name: string) => (await stat(path.join(folder, name))).size;

test('a leased upscaler works, and stays in memory afterwards', async () => {
  await using models = pool();
  expect(models.resident('bundled/upscale-general-x2')).toBe(false);
  {
    await using upscaler = await models.lease('upscaler', 'bundled/upscale-general-x2', signal);
    const result = await upscaler.upscale(testPicture(40, 30), { ...quietWork, tile: 64 });
    expect(result).toMatchObject({ width: 80, height: 60 });
  }
  expect(models.resident('bundled/upscale-general-x2')).toBe(true);
});

test('many leases at once load the model once', async () => {
  await using models = pool();
  const leases = await Promise.all(
    Array.from({ length: 5 }, () => models.lease('upscaler', 'bundled/upscale-general-x2', signal)),
  );
  expect(new Set(leases.map(({ upscale }) => upscale)).size).toBe(1);
  for (const lease of leases) await lease[Symbol.asyncDispose]();
});

test('the bundled diffuser, detector and clean-up can be leased', async () => {
  await using models = pool();
  await using diffuser = await models.lease('diffuser', 'bundled/aria-portraits', signal);
  expect(diffuser).toMatchObject({ downscale: 8, info: { nativeSize: 128 } });
  expect((await diffuser.encodeText('a man', { ...quietWork, clipSkip: 1 })).hidden.dims[1]).toBe(77);
  await using detector = await models.lease('face-detector', 'bundled/face-detector', signal);
  expect(await detector.detect(plainPicture(90, 40, [1, 2, 3]), { ...quietWork, threshold: 0.4 })).toEqual([]);
  await using restorer = await models.lease('face-restorer', 'bundled/face-clean-up', signal);
  expect(restorer).toMatchObject({ wholePictures: true, fidelity: false });
});

test('above the budget the least recently used goes, and never one that is held', async () => {
  for (const name of ['a', 'b', 'c']) await put(`${name}.onnx`, onnx.nearest(2));
  const size = await sizeOf('a.onnx');
  await using models = pool(size * 2);
  const use = async (id: string) => (await models.lease('upscaler', id, signal))[Symbol.asyncDispose]();
  const resident = () => ['a.onnx', 'b.onnx', 'c.onnx'].filter((id) => models.resident(id));
  await use('a.onnx');
  await use('b.onnx');
  await use('a.onnx');
  await use('c.onnx');
  expect(resident()).toEqual(['a.onnx', 'c.onnx']);
  const held = await models.lease('upscaler', 'a.onnx', signal);
  const also = await models.lease('upscaler', 'c.onnx', signal);
  const third = await models.lease('upscaler', 'c.onnx', signal);
  await use('b.onnx');
  expect(resident()).toEqual(['a.onnx', 'c.onnx']); // in use, so the third went as soon as it was free
  expect((await held.upscale(testPicture(9, 9), { ...quietWork, tile: 64 })).width).toBe(18);
  await held[Symbol.asyncDispose]();
  // Returning one lease twice does not free what another holds.
  await third[Symbol.asyncDispose]();
  await third[Symbol.asyncDispose]();
  await use('a.onnx');
  await use('b.onnx');
  expect(resident()).toEqual(['b.onnx', 'c.onnx']);
  expect((await also.upscale(testPicture(9, 9), { ...quietWork, tile: 64 })).width).toBe(18);
  await also[Symbol.asyncDispose]();
});

test('a file that was replaced is loaded anew', async () => {
  await using models = pool();
  const scale = async () => {
    await using upscaler = await models.lease('upscaler', 'a.onnx', signal);
    return (await upscaler.upscale(testPicture(8, 8), { ...quietWork, tile: 64 })).width / 8;
  };
  await put('a.onnx', onnx.nearest(2));
  const before = await models.digest('a.onnx');
  expect(await scale()).toBe(2);
  await put('a.onnx', onnx.nearest(3));
  expect(await scale()).toBe(3);
  expect(await models.digest('a.onnx')).not.toBe(before);
});

test.each([
  ['float64', [1]],
  ['float64', []],
  ['float32', [1]],
  ['float16', [1]],
] as const)('CodeFormer gets its fidelity as %s%j', async (type, dims) => {
  await put('own.onnx', onnx.codeformer(type, dims));
  await using models = pool();
  await using restorer = await models.lease('face-restorer', 'own.onnx', signal);
  expect(restorer).toMatchObject({ fidelity: true, wholePictures: false });
  const points = [
    [193, 240],
    [319, 240],
    [257, 314],
    [201, 371],
    [313, 371],
  ] as const;
  const box = { x: 150, y: 150, width: 200, height: 300 };
  const [one, two, three, four, five] = points;
  const face = { box, score: 1, points: [one, two, three, four, five] as const };
  const picture = plainPicture(512, 512, [255, 255, 255]);
  const work = { ...quietWork, strength: 1, fidelity: 0.25 };
  const { data } = await restorer.restoreFaces(picture, [face], work);
  // 1 · 0.25 in -1..1 is 159 of 255.
  expect([data[0], data[(256 * 512 + 256) * 3]]).toEqual([255, 159]);
});

test.each([
  ['bundled/none', 'upscaler', 'is not installed'],
  ['bundled/face-detector', 'upscaler', 'Expected an upscaler but Face detector is a face detector'],
  ['bad.onnx', 'upscaler', 'bad.onnx is damaged'],
] as const)('%s as %s is refused in one sentence', async (id, kind, message) => {
  await put('bad.onnx', 'nonsense');
  await using models = pool();
  const refused = models.lease(kind, id, signal);
  await expect(refused).rejects.toThrow(ModelError);
  await expect(refused).rejects.toThrow(message);
});

test('a model that failed to load can be loaded once it is mended', async () => {
  await using models = pool();
  await put('a.onnx', 'nonsense');
  await expect(models.lease('upscaler', 'a.onnx', signal)).rejects.toThrow('damaged');
  await put('a.onnx', onnx.nearest(2));
  await using upscaler = await models.lease('upscaler', 'a.onnx', signal);
  expect(upscaler.scale).toBe(2);
});

test('waiting for a load can be stopped; the load goes on for others', async () => {
  await using models = pool();
  const stop = new AbortController();
  const stopped = models.lease('face-detector', 'bundled/face-detector', stop.signal);
  const waiting = models.lease('face-detector', 'bundled/face-detector', signal);
  stop.abort();
  await expect(stopped).rejects.toThrow('aborted');
  await using detector = await waiting;
  expect(detector.info.id).toBe('bundled/face-detector');
  await expect(models.lease('upscaler', 'bundled/upscale-general-x2', AbortSignal.abort())).rejects.toThrow('aborted');
});

test('the digest of one file is its SHA-256; of several, changes with each', async () => {
  await using models = pool();
  const file = await readFile('models/bundled/upscale-general-x2.onnx');
  expect(await models.digest('bundled/upscale-general-x2')).toBe(createHash('sha256').update(file).digest('hex'));
  expect(await models.digest('bundled/face-detector')).toMatch(/^[0-9a-f]{64}$/);
  expect(await models.digest('bundled/aria-portraits')).toMatch(/^[0-9a-f]{64}$/);
  await put('one', '1');
  await put('two', '2');
  const digests = createDigests(path.join(folder, 'other.json'));
  const both = await digests.of(folder, ['one', 'two']);
  expect(both).not.toBe(await digests.of(folder, ['one']));
  await put('two', '3');
  expect(await digests.of(folder, ['one', 'two'])).not.toBe(both);
});

test('digests are remembered by size and time, across restarts, and a damaged memory is forgotten', async () => {
  const memory = path.join(folder, 'deep/memory.json');
  const file = path.join(folder, 'weights');
  await put('weights', 'first');
  const past = new Date('2020-01-01');
  await utimes(file, past, past);
  const first = await createDigests(memory).of(folder, ['weights']);
  // The same size and time in the same file: it is not read again.
  await writeFile(file, 'other');
  await utimes(file, past, past);
  expect(await createDigests(memory).of(folder, ['weights'])).toBe(first);
  await writeFile(memory, '{ damaged');
  expect(await createDigests(memory).of(folder, ['weights'])).toBe(createHash('sha256').update('other').digest('hex'));
});

test('computing a digest can be stopped', async () => {
  await put('weights', Buffer.alloc(1 << 22));
  const digests = createDigests(path.join(folder, 'memory.json'));
  await expect(digests.of(folder, ['weights'], AbortSignal.abort())).rejects.toThrow('aborted');
  await expect(digests.of(folder, ['gone'])).rejects.toThrow('ENOENT');
});
