import { readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGraph, writeGraph } from '../../nodes/graph.ts';
import { readPngText } from '../../nodes/png-text.ts';
import { withInputs } from '../../server/runs/inputs.ts';
import { aria } from '../support/command-line.ts';
import { prepareDatabase, projectRoot, temporaryFolder } from '../support/databases.ts';

const template = path.join(projectRoot, 'nodes/templates/portrait.json');
const portrait = readGraph(readFileSync(template, 'utf8'));

let held: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
beforeAll(async () => {
  held = await temporaryFolder('aria-cli-');
  data = path.join(held.root, 'data');
  await mkdir(data);
  await prepareDatabase(data);
});
afterAll(() => held[Symbol.asyncDispose]());

const inside = (name: string) => path.join(held.root, name);
const run = (...words: string[]) => aria(['run', ...words], { data });
const few = ['--set', 'diffusion.steps=2'];

describe('aria run', { timeout: 400_000 }, () => {
  test('makes the picture, and the second time the very same from the cache', async () => {
    const first = await run(template, ...few, '--json', '--out', inside('one'));
    expect(first).toMatchObject({ code: 0, errors: '', leftovers: false });
    const events = first.out.map((line) => JSON.parse(line));
    expect(events[0]).toEqual({ type: 'run-start', nodes: 5 });
    expect(events.at(-1)).toMatchObject({ type: 'run-end', outcome: 'done', ran: 5, cached: 0 });

    const second = await run(template, ...few, '--json', '--out', inside('two'));
    const ends = second.out.map((line) => JSON.parse(line)).filter(({ type }) => type === 'node-end');
    expect(ends.map(({ node, cached }) => [node, cached])).toEqual(Object.keys(portrait.nodes).map((id) => [id, true]));
    expect(await readdir(inside('two'))).toEqual(['portrait.png']);
    expect(await readFile(inside('two/portrait.png'))).toEqual(await readFile(inside('one/portrait.png')));
  });

  test('makes the same from the picture as from its graph, and says in words what it does', async () => {
    const ended = await run(inside('one/portrait.png'), '--out', inside('three'));
    expect(ended.code).toBe(0);
    expect(ended.errors).toMatch(/Diffusion: unchanged, taken from the cache\n[\s\S]*Done in/);
    expect(ended.errors).not.toContain('\u001b');
    expect(ended.out).toEqual([inside('three/portrait.png')]);
    expect(await readFile(inside('three/portrait.png'))).toEqual(await readFile(inside('one/portrait.png')));
    const kept = readGraph((await readPngText(await readFile(inside('one/portrait.png')))).get('aria') ?? '');
    expect(kept).toEqual(withInputs(portrait, { 'diffusion.steps': 2 }));
  });

  test('numbers several pictures of one name', async () => {
    const ended = await run(template, ...few, '--set', 'diffusion.batch=2', '--out', inside('four'));
    expect(ended.code).toBe(0);
    expect((await readdir(inside('four'))).sort()).toEqual(['portrait-2.png', 'portrait.png']);
    // The first picture of a batch is the one that its seed makes alone, whatever else was asked for.
    const [first, second] = await Promise.all(['', '-2'].map((end) => readFile(inside(`four/portrait${end}.png`))));
    expect(first).not.toEqual(second);
  });

  test('takes a picture file for a picture parameter', async () => {
    const graph = {
      ...portrait,
      nodes: {
        photo: { type: 'load-image', version: 1, params: {}, layout: { x: 0, y: 0 } },
        keep: { type: 'save', version: 1, params: { name: 'copy' }, layout: { x: 0, y: 0 } },
      },
      edges: [readGraph('{"format":1,"edges":[{"from":["photo","image"],"to":["keep","image"]}]}').edges].flat(),
    };
    await writeFile(inside('copy.json'), writeGraph(graph));
    await copyFile(inside('one/portrait.png'), inside('face.png'));
    const ended = await run(inside('copy.json'), '--set', `photo.image=${inside('face.png')}`, '--out', inside('five'));
    expect(ended).toMatchObject({ code: 0, out: [inside('five/copy.png')] });
    const refused = await run(inside('copy.json'), '--set', `photo.image=${inside('copy.json')}`);
    expect(refused).toMatchObject({ code: 2, out: [] });
    expect(refused.errors).toMatch(/Expected a .* picture but the file is none/);
  });

  test('stops at Ctrl+C, at once and with all its processes', async () => {
    const long = ['--set', 'diffusion.steps=150', '--set', 'diffusion.batch=16', '--json'];
    let pressed = 0;
    const ended = await aria(['run', template, ...long], {
      data,
      heard(line, interrupt) {
        if (!line.includes('"node-start","node":"diffusion"')) return;
        pressed = performance.now();
        interrupt();
      },
    });
    expect(ended).toMatchObject({ code: 130, leftovers: false });
    expect(JSON.parse(ended.out.at(-1) ?? '')).toMatchObject({ type: 'run-end', outcome: 'stopped' });
    // A whole run of this size takes minutes.
    expect(performance.now() - pressed).toBeLessThan(30_000);
  });

  test('says everything that is wrong with a graph, with the titles of the nodes', async () => {
    const broken = withInputs(portrait, { 'diffusion.steps': 0, 'upscale.model': 'none' });
    await writeFile(inside('broken.json'), writeGraph(broken));
    const ended = await run(inside('broken.json'), '--json');
    expect(ended).toMatchObject({ code: 2, out: [], leftovers: false });
    expect(ended.errors.trim().split('\n')).toEqual([
      expect.stringMatching(/^error: Diffusion \(diffusion\): Steps: /),
      expect.stringMatching(/^error: Upscale \(upscale\): The model "none" is not installed/),
    ]);
  });
});

describe('aria', () => {
  test.each([
    [['run', 'none.json'], /^There is no file "none.json"\.\n$/],
    [['run', 'damaged.json'], /^"damaged.json" cannot be used\. Expected JSON but the text is damaged.*\n$/],
    [['run', 'plain.png'], /^Expected a graph in "plain.png" but this picture carries none\.\n$/],
    [['run', 'cut.png'], /^"cut.png" cannot be used\. .*\n$/],
    [['run', 'empty.json'], /^Expected a graph in "empty.json" but the file is empty\.\n$/],
    [['run', '.'], /is a folder\.\n$/],
    [['fly'], /^There is no command "fly"; use run or validate\.\n$/],
  ])('%j is refused in one sentence', async (words, sentence) => {
    await writeFile(inside('damaged.json'), '{"format":1,');
    await writeFile(inside('empty.json'), '');
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await writeFile(inside('plain.png'), png);
    await writeFile(inside('cut.png'), png.subarray(0, 40));
    const ended = await aria(words, { data, cwd: held.root });
    expect(ended).toMatchObject({ code: 2, out: [] });
    expect(ended.errors).toMatch(sentence);
  });

  test('validate says that a graph can run, and problems as JSON on demand', async () => {
    const good = await aria(['validate', template], { data });
    expect(good).toMatchObject({ code: 0, out: ['"Portrait" can run: 5 nodes, 4 wires.'], leftovers: false });
    await writeFile(inside('bad.json'), writeGraph(withInputs(portrait, { 'diffusion.steps': 0 })));
    const bad = await aria(['validate', inside('bad.json'), '--json'], { data });
    expect(bad.code).toBe(2);
    expect(bad.out.map((line) => JSON.parse(line))).toMatchObject([
      { code: 'bad-param', node: 'diffusion', port: 'steps' },
    ]);
  });

  test('tells its version and how it is used', async () => {
    expect((await aria(['--version'], { data })).out).toEqual(['aria 0.1.0']);
    const usage = await aria(['--help'], { data });
    expect(usage.code).toBe(0);
    expect(usage.out.join('\n')).toMatch(/aria run graph\.json/);
  });
});
