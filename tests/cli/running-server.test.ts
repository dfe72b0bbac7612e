import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePng } from '../../models/pixels.ts';
import { apiResponse } from '../../server/api/api-response.ts';
import { galleryResponse } from '../../server/api/gallery-response.ts';
import { dataFolderAt } from '../../server/data-folder.ts';
import { announceServer, runningServer, withdrawServer } from '../../server/server-file.ts';
import { apiMachine } from '../support/api-machine.ts';
import { aria, runScript } from '../support/command-line.ts';
import { projectRoot } from '../support/databases.ts';
import { httpServer } from '../support/http-server.ts';
import { plainPicture } from '../support/pictures.ts';
import { end, type Script } from '../support/scripted-executor.ts';

const template = path.join(projectRoot, 'nodes/templates/portrait.json');

/** Keeps one small picture as the Save node does, for everything else that a run would take long to do. */
const saving: Script = async ({ graph, emit, signal }) => {
  emit({ type: 'run-start', nodes: 1 });
  emit({ type: 'node-start', node: 'save' });
  if (graph.nodes.prompt?.params.text === 'wait') {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return end(emit, 'stopped', 0);
  }
  const png = await encodePng(plainPicture(8, 8, [10, 20, 30]));
  const { file, already } = await held.machine.gallery.keep({ png, name: 'portrait', suffix: '7' }, signal);
  const image = { digest: 'a'.repeat(64), width: 8, height: 8 };
  emit({ type: 'node-end', node: 'save', outputs: { image: [image], file: [file] }, cached: already, ms: 1 });
  return end(emit, 'done', 1);
};

let held: Awaited<ReturnType<typeof apiMachine>>;
let server: Awaited<ReturnType<typeof httpServer>>;
beforeAll(async () => {
  held = await apiMachine(saving);
  server = await httpServer(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/health') return Response.json({ instance: held.machine.instance });
    if (pathname.startsWith('/gallery/')) return galleryResponse(request, pathname.split('/').slice(2), held.machine);
    return apiResponse(request, held.machine);
  });
  await announceServer(dataFolderAt(held.root), info());
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await held[Symbol.asyncDispose]();
});
const info = () => ({ url: server.address, pid: process.pid, instance: held.machine.instance });

describe('with a server running, the command line', () => {
  test('runs there and copies what it kept', async () => {
    const ended = await aria(['run', template, '--out', 'out'], { data: held.root });
    expect(ended).toMatchObject({ code: 0, out: [path.join('out', 'portrait.png')], leftovers: false });
    const copied = await readFile(path.join(held.root, 'out/portrait.png'));
    expect(new Uint8Array(copied)).toEqual(await encodePng(plainPicture(8, 8, [10, 20, 30])));
  });

  test('stops that very run at Ctrl+C', async () => {
    const words = ['run', template, '--set', 'prompt.text=wait', '--json'];
    const heard = (line: string, interrupt: () => void) => {
      if (line.includes('node-start')) interrupt();
    };
    const ended = await aria(words, { data: held.root, heard });
    expect(ended).toMatchObject({ code: 130, leftovers: false });
    expect((await held.machine.runs.list({ limit: 1 }))[0]).toMatchObject({ state: 'stopped' });
  });

  test('shows the problems that are found', async () => {
    const ended = await aria(['run', template, '--set', 'upscale.model=none'], { data: held.root });
    expect(ended).toMatchObject({ code: 2, out: [] });
    expect(ended.errors).toMatch(/"none" is not installed/);
  });
});

test('the example of a typed client makes a picture', async () => {
  const example = path.join(projectRoot, 'tests/examples/scripted-run.ts');
  const picture = path.join(held.root, 'example.png');
  const words = ['--import', 'tsx', example, picture];
  const ended = await runScript(words, { data: held.root, cwd: projectRoot }, { ARIA_URL: server.address });
  expect(ended).toMatchObject({ code: 0, errors: '' });
  expect(ended.out.at(-1)).toMatch(/^The gallery has it as \d{4}\/\d\d\/\d\d\/portrait-7\.png\.$/);
  expect(new Uint8Array(await readFile(picture))).toEqual(await encodePng(plainPicture(8, 8, [10, 20, 30])));
});

describe('the file that says where the server is', () => {
  const folder = () => dataFolderAt(held.root);

  test('is believed only while that very server answers', async () => {
    expect(await runningServer(folder())).toEqual(info());
    await announceServer(folder(), { ...info(), instance: 'another one' });
    expect(await runningServer(folder())).toBeUndefined();
    await announceServer(folder(), { ...info(), url: 'http://127.0.0.1:1' });
    expect(await runningServer(folder())).toBeUndefined();
    expect(await runningServer(dataFolderAt(path.join(held.root, 'nowhere')))).toBeUndefined();
  });

  test('is taken away only by the server that wrote it', async () => {
    await announceServer(folder(), info());
    withdrawServer(folder(), 'another one');
    expect(await runningServer(folder())).toEqual(info());
    withdrawServer(folder(), held.machine.instance);
    expect(await runningServer(folder())).toBeUndefined();
  });
});
