import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseGraph } from '../../nodes/graph.ts';
import { createExecutor, type ExecutorOptions } from '../../server/executor/supervisor.ts';
import { start } from '../support/executor-runs.ts';

const entry = fileURLToPath(new URL('../support/fake-executor.ts', import.meta.url));
const executorForTest = (options: Partial<ExecutorOptions> = {}) =>
  createExecutor({ dataFolder: '/nowhere', entry, stopGraceMs: 300, ...options });

/** A graph of upscale nodes that do what their titles say. */
const graphOf = (...titles: string[]) =>
  parseGraph({ format: 1, nodes: Object.fromEntries(titles.map((title) => [title, { type: 'upscale', title }])) });

describe('the executor', () => {
  test('starts its process with the first call and passes every event on, in order', async () => {
    await using executor = executorForTest();
    expect(executor.pid).toBeUndefined();
    const { ended, events } = start(executor, graphOf('one', 'two'));
    expect(await ended).toEqual({ outcome: 'done', ms: 1, ran: 2, cached: 0 });
    expect(executor.pid).toBeTypeOf('number');
    expect(events.map((event) => event.type)).toEqual([
      'run-start',
      'node-start',
      'node-end',
      'node-start',
      'node-end',
      'run-end',
    ]);
    expect(events[2]).toMatchObject({ outputs: { seed: 2n ** 60n } });
  });

  test('gives its settings to the process', async () => {
    await using executor = executorForTest({ threads: 3, device: 'cpu' });
    const [model] = await executor.models();
    expect(JSON.parse(model?.id ?? '')).toEqual({ dataFolder: '/nowhere', threads: 3, device: 'cpu' });
  });

  test('keeps several runs apart', async () => {
    await using executor = executorForTest();
    const waiting = start(executor, graphOf('wait'));
    await waiting.starts('wait');
    const quick = start(executor, graphOf('one'));
    expect(await quick.ended).toMatchObject({ outcome: 'done' });
    expect(await executor.health()).toMatchObject({ runs: 1, pid: executor.pid });
    expect(waiting.events.map((event) => event.type)).toEqual(['run-start', 'node-start']);
    waiting.stop();
    expect(await waiting.ended).toMatchObject({ outcome: 'stopped' });
  });

  test('hands on what the process refuses, and stays', async () => {
    await using executor = executorForTest();
    await executor.warm();
    const { pid } = executor;
    await expect(executor.plan(graphOf())).rejects.toMatchObject({
      name: 'ExecutorRefusal',
      kind: 'RangeError',
      message: 'There is nothing to run.',
    });
    await executor.health();
    expect(executor.pid).toBe(pid);
  });
});

describe('when the process ends by itself', () => {
  test('the run is told which node was running and how it ended, and the next run gets a fresh process', async () => {
    await using executor = executorForTest();
    const { ended, events } = start(executor, graphOf('one', 'abort'));
    const crash = await ended.catch((error: unknown) => error);
    expect(crash).toMatchObject({
      name: 'ExecutorCrashError',
      node: 'abort',
      signal: 'SIGABRT',
      message: 'The executor stopped unexpectedly (SIGABRT) while running abort.',
    });
    expect(events.at(-1)).toEqual({ type: 'node-start', node: 'abort' });
    expect(await start(executor, graphOf('one')).ended).toMatchObject({ outcome: 'done' });
  });

  test('a run that begins at the very moment when the process ends is not lost', async () => {
    await using executor = executorForTest();
    await executor.warm();
    const { pid } = executor;
    const crashed = start(executor, graphOf('abort')).ended.catch(() => start(executor, graphOf('one')).ended);
    expect(await crashed).toMatchObject({ outcome: 'done' });
    expect(executor.pid).not.toBe(pid);
  });

  test('an exit code is told, and what the process printed stays in the cause', async () => {
    await using executor = executorForTest();
    await expect(start(executor, graphOf('exit 3')).ended).rejects.toMatchObject({ code: 3, node: 'exit 3' });
  });

  test('a kill from outside says that memory may have run out', async () => {
    await using executor = executorForTest();
    const { ended, starts } = start(executor, graphOf('block'));
    await starts('block');
    process.kill(executor.pid ?? 0, 'SIGKILL');
    await expect(ended).rejects.toMatchObject({
      signal: 'SIGKILL',
      node: 'block',
      message:
        'The executor stopped unexpectedly (SIGKILL) while running block; this often means the machine ran out of memory.',
    });
  });

  test('a program that cannot start fails every call with what it printed as the cause', async () => {
    await using executor = executorForTest({ entry: '/nowhere/executor.ts' });
    const crash = await executor.warm().catch((error: unknown) => error);
    expect(crash).toMatchObject({ name: 'ExecutorCrashError', code: 1, node: undefined });
    expect(crash).toMatchObject({ cause: expect.stringContaining('/nowhere/executor.ts') });
    expect(String(crash)).not.toContain('/nowhere');
    await expect(start(executor, graphOf('one')).ended).rejects.toMatchObject({ name: 'ExecutorCrashError' });
  });
});

describe('stopping', () => {
  test('asks first: a run that listens ends in its own process', async () => {
    await using executor = executorForTest({ stopGraceMs: 60_000 });
    const { ended, events, starts, stop } = start(executor, graphOf('wait'));
    await starts('wait');
    const { pid } = executor;
    stop();
    expect(await ended).toMatchObject({ outcome: 'stopped' });
    expect(events.at(-1)).toMatchObject({ type: 'run-end', outcome: 'stopped' });
    await executor.health();
    expect(executor.pid).toBe(pid);
  });

  test('a run that does not listen is ended with its process, and counts as stopped', async () => {
    await using executor = executorForTest();
    const { ended, events, starts, stop } = start(executor, graphOf('one', 'block'));
    await starts('block');
    stop();
    expect(await ended).toMatchObject({ outcome: 'stopped', ran: 1, cached: 0 });
    expect(events.filter((event) => event.type === 'run-end')).toHaveLength(1);
    expect(await start(executor, graphOf('one')).ended).toMatchObject({ outcome: 'done' });
  });

  test('other runs of a process that is given up begin again in the next one', async () => {
    await using executor = executorForTest();
    const other = start(executor, graphOf('one', 'wait'));
    await other.starts('wait');
    const stubborn = start(executor, graphOf('block'));
    await stubborn.starts('block');
    stubborn.stop();
    expect(await stubborn.ended).toMatchObject({ outcome: 'stopped' });
    await executor.health();
    expect(other.events.filter((event) => event.type === 'run-start')).toHaveLength(2);
    other.stop();
    expect(await other.ended).toMatchObject({ outcome: 'stopped' });
  });

  test('the process is not given up while it is another run that keeps it from listening', async () => {
    await using executor = executorForTest();
    const waiting = start(executor, parseGraph({ format: 1, nodes: { wait: { type: 'prompt', title: 'wait' } } }));
    await waiting.starts('wait');
    const computing = start(executor, graphOf('block briefly'));
    await computing.starts('block briefly');
    // The fake looks up for a moment after it said that it started; the word must come after that.
    await wait(200);
    waiting.stop();
    expect(await waiting.ended).toMatchObject({ outcome: 'stopped' });
    expect(await computing.ended).toMatchObject({ outcome: 'done' });
    expect(computing.events.filter((event) => event.type === 'run-start')).toHaveLength(1);
  });

  test('a run that was stopped before it began never does anything', async () => {
    await using executor = executorForTest();
    const { ended, stop, events } = start(executor, graphOf('one'));
    stop();
    expect(await ended).toMatchObject({ outcome: 'stopped', ran: 0 });
    expect(events.some((event) => event.type === 'node-end')).toBe(false);
  });
});

test('disposing ends the process and rejects what was in flight', async () => {
  const executor = executorForTest();
  const { ended, starts } = start(executor, graphOf('wait'));
  await starts('wait');
  const { pid = 0 } = executor;
  const rejected = expect(ended).rejects.toMatchObject({ name: 'ExecutorClosedError' });
  await executor[Symbol.asyncDispose]();
  await rejected;
  expect(() => process.kill(pid, 0)).toThrow();
  await expect(executor.models()).rejects.toMatchObject({ name: 'ExecutorClosedError' });
});
