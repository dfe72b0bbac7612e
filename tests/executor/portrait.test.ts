import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGraph, readGraph } from '../../nodes/graph.ts';
import { readPngText } from '../../nodes/png-text.ts';
import { dataFolderAt } from '../../server/data-folder.ts';
import { createExecutor, type Executor } from '../../server/executor/supervisor.ts';
import { createContentStore } from '../../server/store/content.ts';
import { createGallery, type Gallery } from '../../server/store/gallery.ts';
import { createImages } from '../../server/store/images.ts';
import { portrait, run, start } from '../support/executor-runs.ts';

let root: string;
let executor: Executor;
let gallery: Gallery;
// No process is replaced behind the back of a test.
const open = () => createExecutor({ dataFolder: root, threads: 1, stopGraceMs: 60_000 });

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'aria-executor-'));
  executor = open();
  gallery = createGallery(dataFolderAt(root).gallery);
});
afterAll(async () => {
  await executor[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

describe('the starter graph in the real executor', () => {
  const everyNode = ['prompt', 'diffusion', 'upscale', 'face-restore', 'save'];
  let first: Uint8Array;

  test('makes a picture and keeps it with the graph and its settings inside', async () => {
    const { outcome, ran, files } = await run(executor, portrait());
    expect(outcome).toMatchObject({ outcome: 'done', ran: 5, cached: 0 });
    expect(ran).toEqual(everyNode);
    expect(files).toEqual([expect.stringMatching(/^\d{4}\/\d{2}\/\d{2}\/portrait-7\.png$/)]);
    first = await gallery.read(files[0] ?? '');
    expect(await sharp(first).metadata()).toMatchObject({ format: 'png', width: 512, height: 512 });
    const texts = await readPngText(first);
    expect(readGraph(texts.get('aria') ?? '')).toEqual(portrait());
    expect(texts.get('parameters')).toMatch(/Seed: 7, Size: 128x128, Model hash: [0-9a-f]{10}, Model: aria-portraits/);
  });

  test('executes nothing the second time, and leaves the very same file', async () => {
    const { outcome, cached, files } = await run(executor, portrait());
    expect(outcome).toMatchObject({ outcome: 'done', ran: 0, cached: 5 });
    expect(cached).toEqual(everyNode);
    expect(await gallery.read(files[0] ?? '')).toEqual(first);
    expect((await gallery.list(10)).pictures).toHaveLength(1);
  });

  test('takes the same graph under another id for the same picture', async () => {
    const { files } = await run(executor, { ...portrait(), id: 'a copy' });
    expect(await gallery.read(files[0] ?? '')).toEqual(first);
    expect((await gallery.list(10)).pictures).toHaveLength(1);
  });

  test('knows its results in a fresh process too, and says so before it runs', async () => {
    await using fresh = open();
    const planned = await fresh.plan(portrait());
    expect(planned.filter(({ expectation }) => expectation === 'cached').map(({ node }) => node)).toEqual(
      everyNode.slice(0, -1),
    );
    expect((await run(fresh, portrait())).ran).toEqual([]);
  });

  test('makes the same bytes from nothing', async () => {
    await using elsewhere = createExecutor({ dataFolder: path.join(root, 'elsewhere'), threads: 1 });
    const { files } = await run(elsewhere, portrait());
    expect(await createGallery(path.join(root, 'elsewhere', 'gallery')).read(files[0] ?? '')).toEqual(first);
  });

  test('runs only what depends on the seed when the seed changes', async () => {
    const { ran, cached, files } = await run(executor, portrait({ diffusion: { seed: 8 } }));
    expect(cached).toEqual(['prompt']);
    expect(ran).toEqual(everyNode.slice(1));
    expect(files).toEqual([expect.stringContaining('/portrait-8.png')]);
  });

  test('keeps a picture again under another name, without computing anything', async () => {
    const { ran, files } = await run(executor, portrait({ save: { name: 'renamed' } }));
    expect(ran).toEqual(['save']);
    expect(files).toEqual([expect.stringContaining('/renamed-7.png')]);
  });

  test('keeps each picture of a batch under its own seed, and says that seed inside', async () => {
    const { files } = await run(executor, portrait({ diffusion: { seed: 30, batch: 2, steps: 4 } }));
    expect(files.map((file) => path.basename(file))).toEqual(['portrait-30.png', 'portrait-31.png']);
    const texts = await readPngText(await gallery.read(files[1] ?? ''));
    expect(texts.get('parameters')).toContain('Seed: 31,');
  });
});

describe('when something goes wrong', () => {
  test('a killed process is told with the node, and the next run goes on from the cache', async () => {
    const graph = portrait({ diffusion: { seed: 50, steps: 6 }, upscale: { tile: 64 } });
    const { ended, starts } = start(executor, graph);
    await starts('upscale');
    process.kill(executor.pid ?? 0, 'SIGKILL');
    await expect(ended).rejects.toMatchObject({
      name: 'ExecutorCrashError',
      node: 'upscale',
      signal: 'SIGKILL',
      message: expect.stringContaining('(SIGKILL) while running Upscale; this often means'),
    });
    const { outcome, cached } = await run(executor, graph);
    expect(outcome.outcome).toBe('done');
    expect(cached).toEqual(['prompt', 'diffusion']);
  });

  test('a stop is heeded after the step at hand, in the same process', async () => {
    await executor.warm();
    const { pid } = executor;
    const { ended, events, first, stop } = start(executor, portrait({ diffusion: { seed: 51, steps: 150 } }));
    const stepOf = (event: (typeof events)[number] | undefined) =>
      event?.type === 'node-progress' ? event.step : undefined;
    const before = stepOf(await first((event) => stepOf(event) !== undefined)) ?? 0;
    stop();
    expect(await ended).toMatchObject({ outcome: 'stopped' });
    const after = events.map(stepOf).findLast((step) => step !== undefined) ?? 0;
    // One step at hand, and one more that may have begun before the word came through the channel.
    expect(after - before).toBeLessThanOrEqual(2);
    expect(executor.pid).toBe(pid);
  });

  test('a garbage model is listed as broken and refused, and the process stays', async () => {
    const models = dataFolderAt(root).models;
    await mkdir(models, { recursive: true });
    await writeFile(path.join(models, 'garbage.safetensors'), Buffer.alloc(4096, 0xa5));
    await writeFile(path.join(models, 'garbage.onnx'), Buffer.alloc(4096, 0xa5));
    const listed = (await executor.models()).filter(({ bundled }) => !bundled);
    expect(listed.map(({ id, broken }) => [id, typeof broken])).toEqual([
      ['garbage.onnx', 'string'],
      ['garbage.safetensors', 'string'],
    ]);
    const { pid } = executor;
    const { ended } = start(executor, portrait({ diffusion: { model: 'garbage.safetensors' } }));
    const refusal = await ended.catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'ExecutorRefusal', kind: 'InvalidGraphError' });
    expect(refusal).toMatchObject({ problems: [expect.objectContaining({ node: 'diffusion', port: 'model' })] });
    expect(String(refusal)).not.toContain(root);
    expect(executor.pid).toBe(pid);
  });
});

test('a picture of your own is kept as PNG, with the graph and without texts that speak of another', async () => {
  const images = createImages(createContentStore(dataFolderAt(root).content));
  const source = sharp({ create: { width: 32, height: 24, channels: 3, background: '#c08040' } });
  const foreign = await source
    .jpeg()
    .withExif({ IFD0: { ImageDescription: 'another program' } })
    .toBuffer();
  const image = await images.accept(foreign, new AbortController().signal);
  const graph = parseGraph({
    format: 1,
    nodes: { photo: { type: 'load-image', params: { image } }, save: { type: 'save', params: { name: 'photo' } } },
    edges: [{ from: ['photo', 'image'], to: ['save', 'image'] }],
  });
  const { files } = await run(executor, graph);
  expect(files).toEqual([expect.stringContaining(`/photo-${image.digest.slice(0, 8)}.png`)]);
  const kept = await gallery.read(files[0] ?? '');
  expect([...(await readPngText(kept)).keys()]).toEqual(['aria']);
  expect(Buffer.from(kept).includes('another program')).toBe(false);
});
