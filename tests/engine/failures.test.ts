import { expect, test } from 'vitest';
import { ModelError, NonFiniteError } from '../../models/errors.ts';
import { NodeError } from '../../server/engine/errors.ts';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

test('a failure skips what depends on it, and independent branches finish', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    { f: ['fails', {}, { title: 'My node' }], x: ['floor'], y: ['floor'], a: ['slow'], b: ['floor'] },
    'f.value > x.value',
    'x.value > y.value',
    'a.value > b.value',
  );
  const { outcome, failed, skipped, ran } = await run(graph, machine);
  expect(failed).toEqual({ f: 'My node failed: the reason' });
  expect(skipped).toEqual({ x: 'It needs My node, which failed.', y: 'It needs My node, which failed.' });
  expect(ran).toEqual(['a', 'b']);
  expect(outcome).toMatchObject({ outcome: 'failed', ran: 2, message: 'My node failed: the reason' });
});

test('a failure is not remembered', async () => {
  const { machine, behaviour } = fakeMachine();
  const graph = graphOf({ f: ['fails'] });
  await run(graph, machine);
  await run(graph, machine);
  expect(behaviour.executed).toEqual(['fails', 'fails']);
});

test('the results of finished branches are in the cache after a failure', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ f: ['fails'], a: ['number'] });
  await run(graph, machine);
  expect(await run(graph, machine)).toMatchObject({ cached: ['a'], failed: { f: expect.any(String) } });
});

test('nothing is held after a failure', async () => {
  const { machine, behaviour, leases } = fakeMachine();
  behaviour.slow = () => Promise.reject(new Error('out of memory'));
  const { failed } = await run(graphOf({ a: ['slow'] }), machine);
  expect(failed).toEqual({ a: 'Slow failed: out of memory' });
  expect(leases.open).toBe(0);
  expect(machine.lanes.busy('gpu')).toBe(0);
});

test('an output that is no number fails the node instead of travelling on', async () => {
  const { machine, behaviour } = fakeMachine();
  behaviour.slow = async () => undefined;
  const graph = graphOf({ a: ['number', { value: 1e308 }], b: ['add', { plus: 1e308 }] }, 'a.value > b.a');
  expect((await run(graph, machine)).failed.b).toMatch(/^Add failed: /);
});

test.each([
  ["ENOENT: no such file or directory, open '/home/jo/some data/cat.png'", "open 'cat.png'"],
  ['cannot map /var/lib/aria/models/x.safetensors: too short', 'cannot map x.safetensors: too short'],
  ['failed at C:\\Users\\jo\\x.onnx', 'failed at x.onnx'],
  ['broken\n    at load (/srv/aria/models/pool.ts:3:4)\n    at next', 'broken'],
])('%j shows no path and no stack', (message, shown) => {
  const error = new NodeError('a', 'Upscale', new Error(message));
  expect(error.message.endsWith(shown)).toBe(true);
  expect(error.message).not.toMatch(/home|var\/lib|Users|srv/);
});

test('addresses and fractions are no paths', () => {
  const message = 'https://example.com/models/x is slower than 1/2 or and/or';
  expect(new NodeError('a', 'Upscale', new Error(message)).message).toBe(`Upscale failed: ${message}`);
});

test('sentences that were written for people pass as they are', () => {
  const messageOf = (cause: unknown) => new NodeError('a', 'Upscale', cause).message;
  expect(messageOf(new ModelError('m', 'Expected an upscaler.'))).toBe('Expected an upscaler.');
  expect(messageOf(new NonFiniteError('Step 3 gave no numbers.'))).toBe('Step 3 gave no numbers.');
  expect(messageOf(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))).toMatch(/the disk is full/);
});
