import { TRPCError } from '@trpc/server';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { apiResponse } from '../../server/api/api-response.ts';
import { detailsOf, shownError } from '../../server/api/errors.ts';
import { createCaller } from '../../server/api/router.ts';
import { apiMachine } from '../support/api-machine.ts';
import { portrait } from '../support/graphs.ts';
import { quickly } from '../support/scripted-executor.ts';

let held: Awaited<ReturnType<typeof apiMachine>>;
let api: ReturnType<typeof createCaller>;
beforeAll(async () => {
  held = await apiMachine(quickly);
  api = createCaller({ machine: held.machine });
});
afterAll(() => held[Symbol.asyncDispose]());

async function refusal(asked: Promise<unknown>): Promise<TRPCError> {
  const error = await asked.then(
    () => new Error('Expected a refusal but it was accepted.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TRPCError)) throw error;
  return error;
}

describe('saved graphs', () => {
  test('come back as they were saved, with every revision', async () => {
    const { id, revision } = await api.graphs.save({ graph: portrait() });
    expect(revision).toBe(1);
    expect(await api.graphs.save({ id, graph: portrait({ steps: 3 }), baseRevision: 1 })).toEqual({ id, revision: 2 });
    expect((await api.graphs.get({ id })).graph).toEqual(portrait({ steps: 3 }));
    expect((await api.graphs.get({ id, revision: 1 })).graph).toEqual(portrait());
    expect((await api.graphs.revisions({ id })).map((saved) => saved.revision)).toEqual([2, 1]);
    expect((await api.graphs.list()).map((saved) => saved.id)).toContain(id);
    await api.graphs.remove({ id });
    expect(await refusal(api.graphs.get({ id }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are not overwritten by someone who did not see the newest revision', async () => {
    const { id } = await api.graphs.save({ graph: portrait() });
    await api.graphs.save({ id, graph: portrait({ steps: 3 }), baseRevision: 1 });
    const error = await refusal(api.graphs.save({ id, graph: portrait({ steps: 4 }), baseRevision: 1 }));
    expect(error.code).toBe('CONFLICT');
    expect(detailsOf(error)).toEqual({ revision: 2 });
  });
});

describe('runs', () => {
  test('start with other values, and tell what they did', async () => {
    const { id } = await api.runs.start({
      graph: portrait(),
      inputs: { 'words.text': 'a cat', 'paint.seed': 2n ** 63n },
    });
    for await (const { event } of held.machine.runs.follow(id, 0, AbortSignal.timeout(30_000))) {
      if (event.type === 'run-end') expect(event.outcome).toBe('done');
    }
    const run = await api.runs.get({ run: id });
    expect(run).toMatchObject({ state: 'done', ran: 3, seeds: { 'paint.seed': '9223372036854775808' } });
    expect(run.graph.nodes.words?.params).toMatchObject({ text: 'a cat' });
    expect((await api.runs.list()).map((other) => other.id)).toContain(id);
  });

  test('start from a saved graph by its id', async () => {
    const { id } = await api.graphs.save({ graph: portrait() });
    expect(await api.runs.start({ graphId: id })).toMatchObject({ graphId: id, revision: 1 });
    expect(await refusal(api.runs.start({ graphId: 'nobody' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(api.runs.start({}))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are refused with everything that is wrong', async () => {
    const error = await refusal(api.runs.start({ graph: portrait({ steps: 0, width: 7, model: 'none' }) }));
    expect(error.code).toBe('BAD_REQUEST');
    const { problems = [] } = detailsOf(error);
    expect(problems.map(({ node, port }) => `${node}.${port}`)).toEqual(
      expect.arrayContaining(['paint.steps', 'paint.width']),
    );
  });

  test('are refused for a model that is not installed', async () => {
    const error = await refusal(api.runs.start({ graph: portrait({ model: 'none' }) }));
    expect(detailsOf(error).problems).toMatchObject([{ code: 'missing-model', node: 'paint', port: 'model' }]);
  });

  test('are refused in a sentence for a value that has no place', async () => {
    const error = await refusal(api.runs.start({ graph: portrait(), inputs: { 'nobody.text': 1 } }));
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('"words", "paint", "keep"') });
  });

  test('can be planned without running', async () =>
    expect(await api.runs.plan({ graph: portrait() })).toContainEqual({ node: 'paint', expectation: 'run' }));

  test('that do not exist are not found', async () => {
    expect(await refusal(api.runs.get({ run: 'x' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(api.runs.stop({ run: 'x' }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('what there is', () => {
  test('every node type tells its ports and its parameters as JSON Schema', async () => {
    const types = await api.nodes.catalog();
    const diffusion = types.find(({ type }) => type === 'diffusion');
    expect(diffusion?.inputs).toContainEqual({
      name: 'prompt',
      kind: 'prompt',
      label: 'Prompt',
      list: false,
      required: true,
    });
    expect(diffusion?.outputs).toMatchObject([{ name: 'images', kind: 'image', list: true }]);
    expect(diffusion?.params).toMatchObject({
      type: 'object',
      properties: {
        steps: { type: 'integer', minimum: 1, maximum: 150, default: 20 },
        sampler: { enum: expect.any(Array) },
      },
    });
  });

  test('models are looked up once for a burst of questions', async () => {
    const before = held.timesModelsWereAsked();
    await Promise.all([api.models.list(), api.models.list(), api.models.list()]);
    expect(held.timesModelsWereAsked() - before).toBeLessThanOrEqual(1);
  });
});

describe('over HTTP', () => {
  const ask = (path: string, init?: RequestInit) =>
    apiResponse(new Request(`http://localhost/api/trpc/${path}`, init), held.machine);
  const post = (path: string, body: string) =>
    ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const errorOf = async (response: Response) => (await response.json()).error.json;

  test('problems travel as data', async () => {
    const response = await post('runs.start', JSON.stringify({ json: { graph: portrait({ steps: 0 }) } }));
    expect(response.status).toBe(400);
    expect((await errorOf(response)).data).toMatchObject({
      code: 'BAD_REQUEST',
      problems: [{ node: 'paint', port: 'steps' }],
    });
  });

  test('a conflict travels as 409 with the stored revision', async () => {
    const { id } = await api.graphs.save({ graph: portrait() });
    const response = await post(
      'graphs.save',
      JSON.stringify({ json: { id, graph: portrait({ steps: 9 }), baseRevision: 7 } }),
    );
    expect(response.status).toBe(409);
    expect((await errorOf(response)).data).toMatchObject({ code: 'CONFLICT', revision: 1 });
  });

  test.each([
    ['text that is no JSON', '{', 400, /Expected JSON as the input/],
    ['input of another shape', JSON.stringify({ json: { graph: { format: 2 } } }), 400, /"graph.format"/],
    ['nothing', '', 400, /Expected JSON as the input/],
    ['more than 16 MB', 'x'.repeat(16 * 1024 * 1024 + 1), 413, /at most 16 MB/],
  ])('%s is refused in a sentence', async (_kind, body, status, sentence) => {
    const response = await post('runs.start', body);
    expect(response.status).toBe(status);
    const { message, data } = await errorOf(response);
    expect(message).toMatch(sentence);
    expect(data).not.toHaveProperty('stack');
  });

  test('a query whose input is no JSON is refused in a sentence', async () => {
    const response = await ask('runs.get?input=%7B');
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toMatch(/Expected JSON as the input/);
  });

  test('an unknown procedure is not found', async () => expect((await ask('runs.fly')).status).toBe(404));
});

describe('an error that is not meant for people', () => {
  test('leaves nothing but a reference, and all of it in the log', () => {
    const log = vi.fn();
    const secret = new Error('ENOENT: open /home/me/secret.key', { cause: new Error('token hf_123') });
    const shown = shownError(secret, log);
    expect(shown.code).toBe('INTERNAL_SERVER_ERROR');
    const told = JSON.stringify([shown.message, shown.cause?.message, detailsOf(shown)]);
    expect(told).not.toMatch(/secret|hf_123|ENOENT/);
    const reference = /under (\w{8})\./.exec(shown.message)?.[1];
    expect(log).toHaveBeenCalledExactlyOnceWith(`error ${reference}`, secret);
    // Passing another layer changes nothing and logs nothing.
    expect(shownError(shown, log)).toBe(shown);
    expect(log).toHaveBeenCalledTimes(1);
  });
});
