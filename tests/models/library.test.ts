import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundledModels } from '../../models/bundled.ts';
import { listModels, ModelLibrary } from '../../models/library.ts';
import { onnx } from '../support/onnx-networks.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'aria-library-'));
});
afterEach(() => rm(folder, { recursive: true }));

const folders = () => ({ bundledFolder: 'models/bundled', modelsFolder: folder, threads: 1 });
const own = async () => (await listModels(folders())).filter(({ bundled }) => !bundled);

async function put(name: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), bytes);
}

test('the bundled models come first, whole and with licences and summaries', async () => {
  const models = await listModels({ ...folders(), modelsFolder: path.join(folder, 'none') });
  expect(models.map(({ id }) => id)).toEqual(bundledModels.map(({ id }) => id));
  for (const model of models) {
    expect(model).toMatchObject({ bundled: true, licence: expect.any(String), summary: expect.any(String) });
    expect(model.broken).toBeUndefined();
    expect(model.bytes).toBeGreaterThan(50_000);
  }
  expect(models[0]).toMatchObject({ kind: 'diffuser', nativeSize: 128, prediction: 'v', family: 'sd1' });
  expect(models.filter(({ kind }) => kind === 'upscaler').map(({ scale }) => scale)).toEqual([2, 4, 2, 4]);
});

test('networks are known by what they do, not by their names', async () => {
  await put('photos/gfpgan.onnx', onnx.nearest(3));
  await put('upscaler.onnx', onnx.gfpgan());
  await put('sub/deep/4x.ONNX', onnx.codeformer('float64', [1]));
  expect(await own()).toMatchObject([
    { id: 'photos/gfpgan.onnx', kind: 'upscaler', title: 'gfpgan', scale: 3 },
    { id: 'sub/deep/4x.ONNX', kind: 'face-restorer', title: '4x' },
    { id: 'upscaler.onnx', kind: 'face-restorer' },
  ]);
});

test('a Hugging Face folder is one model', async () => {
  await mkdir(path.join(folder, 'mine'));
  await symlink(path.resolve('models/bundled/aria-portraits'), path.join(folder, 'mine/portraits'));
  expect(await own()).toMatchObject([{ id: 'mine/portraits', kind: 'diffuser', family: 'sd1', nativeSize: 128 }]);
});

const pickle = Buffer.from('PK\x03\x04 archive/data.pkl and more', 'latin1');
const oldPickle = Buffer.from([0x80, 2, 0x7d, 0x71, 0, 0x2e, 1, 2, 3, 4, 5, 6]);

test.each([
  ['a pickle called .safetensors', 'a.safetensors', pickle, 'is a pickle, which may run code'],
  ['a pickle called .onnx', 'a.onnx', pickle, 'is a pickle, which may run code'],
  ['an old pickle called .onnx', 'a.onnx', oldPickle, 'is a pickle, which may run code'],
  ['a pickle by its own name', 'a.ckpt', pickle, 'is a pickle, which may run code'],
  ['a .pth file that is no pickle', 'a.pth', 'something else', 'is of a kind that is not read'],
  ['an empty file', 'a.onnx', '', 'is empty'],
  ['a Git LFS pointer', 'a.onnx', 'version https://git-lfs.github.com/spec/v1\n', 'is a Git LFS pointer'],
  ['nonsense', 'a.onnx', 'this is no network', 'is damaged, or no network'],
  ['half a network', 'a.onnx', onnx.nearest(2).subarray(0, 120), 'is damaged, or no network'],
  ['a network of grey pictures', 'a.onnx', onnx.grey(), 'Expected a network from an RGB picture to an RGB picture'],
  [
    'a network whose result is no enlargement',
    'a.onnx',
    onnx.inverting(),
    'Expected a.onnx to give back an enlarged picture',
  ],
  ['a damaged safetensors file', 'a.safetensors', '12345678{"a":1}', 'a.safetensors'],
])('%s is listed as broken, with the reason in one sentence', async (_name, name, bytes, reason) => {
  await put(name, bytes);
  const [model, ...others] = await own();
  expect(others).toEqual([]);
  expect(model?.id).toBe(name);
  expect(model?.broken).toContain(reason);
  expect(model?.broken).not.toContain(folder);
});

test('one broken file hides no other; hidden and unrelated files are not listed; links in a circle end', async () => {
  await put('a.onnx', 'nonsense');
  await put('b.onnx', onnx.nearest(2));
  await put('.part.onnx', onnx.nearest(2));
  await put('notes.txt', 'hello');
  await symlink(folder, path.join(folder, 'circle'));
  await symlink(path.join(folder, 'gone.onnx'), path.join(folder, 'hanging.onnx'));
  expect((await own()).map(({ id, broken }) => [id, broken === undefined])).toEqual([
    ['a.onnx', false],
    ['b.onnx', true],
  ]);
});

test('a changed file is looked at again, an unchanged one is not', async () => {
  const library = new ModelLibrary(folders());
  await put('a.onnx', onnx.nearest(2));
  expect((await library.find('a.onnx')).info.scale).toBe(2);
  const before = (await library.find('a.onnx')).network.traits;
  expect((await library.find('a.onnx')).network.traits).toBe(before);
  await put('b.onnx', onnx.nearest(4));
  await copyFile(path.join(folder, 'b.onnx'), path.join(folder, 'a.onnx'));
  expect((await library.find('a.onnx')).info.scale).toBe(4);
});

test('ids lead nowhere but to models that were found', async () => {
  await put('models/a.onnx', onnx.nearest(2));
  const library = new ModelLibrary({ ...folders(), modelsFolder: path.join(folder, 'models') });
  await put('secret.onnx', onnx.nearest(2));
  for (const id of [
    '../secret.onnx',
    path.join(folder, 'secret.onnx'),
    'a.onnx/',
    './a.onnx',
    '',
    'bundled/../a.onnx',
  ]) {
    await expect(library.find(id)).rejects.toThrow('is not installed');
  }
  expect((await library.find('a.onnx')).info.id).toBe('a.onnx');
});

test('a missing bundled file says so', async () => {
  await expect(listModels({ ...folders(), bundledFolder: folder })).rejects.toThrow('is missing its file');
});
