import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Pixels } from '../../models/contracts.ts';
import { createProgress, type ProgressSettings } from '../../server/engine/progress.ts';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Said = Parameters<ProgressSettings['emit']>[0];

function progressOf(settings: Partial<ProgressSettings> = {}) {
  const said: Said[] = [];
  const failures: unknown[] = [];
  const progress = createProgress({
    node: 'a',
    items: 1,
    emit: (event) => said.push(event),
    now: () => Date.now(),
    previews: undefined,
    failed: (error) => failures.push(error),
    ...settings,
  });
  return { progress, said, failures, fractions: () => said.map((event) => event.fraction) };
}
const pixels: Pixels = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) };

test('progress never goes backwards or beyond 0 and 1, whatever a node reports', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -2, max: 2 })), fc.integer({ min: 1, max: 5 }), (reports, items) => {
      const { progress, fractions } = progressOf({ items });
      for (let item = 0; item < items; item++) {
        for (const fraction of reports) {
          progress.of(item)(fraction);
          vi.advanceTimersByTime(101);
        }
      }
      const said = fractions();
      expect(said).toEqual([...said].sort((a, b) => a - b));
      expect(said.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
    }),
  );
});

test('at most ten events a second, and the last report is not lost', () => {
  const { progress, fractions } = progressOf();
  for (let step = 1; step <= 1000; step++) {
    progress.of(0)(step / 2000);
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(1000);
  expect(fractions().length).toBeLessThanOrEqual(11);
  expect(fractions().at(-1)).toBe(0.5);
});

test('each item of a list is an equal part of the whole', () => {
  const { progress, fractions } = progressOf({ items: 4 });
  for (const [item, part] of [
    [0, 0.5],
    [1, 0],
    [3, 0.5],
  ] as const) {
    progress.of(item)(part);
    vi.advanceTimersByTime(100);
  }
  expect(fractions()).toEqual([0.125, 0.25, 0.875]);
});

test('a preview is made only for an event that goes out', async () => {
  let made = 0;
  const preview = () => {
    made += 1;
    return pixels;
  };
  const { progress, said } = progressOf({ previews: { write: async () => 'digest' } });
  for (let step = 1; step <= 10; step++) progress.of(0)(step / 10, { step, of: 10, preview });
  await vi.advanceTimersByTimeAsync(1000);
  expect(made).toBe(1);
  expect(said[0]).toMatchObject({ preview: 'digest', of: 10 });
  expect(said.at(-1)).toMatchObject({ fraction: 1, step: 10, of: 10 });
});

test('steps faster than the events still show previews, four a second', async () => {
  const { progress, said } = progressOf({ previews: { write: async () => 'digest' } });
  progress.of(0)(0.03);
  for (let step = 1; step <= 50; step++) {
    progress.of(0)(0.03 + step / 100, { step, of: 50, preview: () => pixels });
    await vi.advanceTimersByTimeAsync(20);
  }
  const shown = said.filter(({ preview }) => preview !== undefined).length;
  expect(shown).toBeGreaterThanOrEqual(3);
  expect(shown).toBeLessThanOrEqual(5);
});

test('nobody watches, so no preview is made', () => {
  const { progress, said } = progressOf();
  progress.of(0)(0.5, {
    step: 1,
    of: 2,
    preview: () => {
      throw new Error('made');
    },
  });
  expect(said).toEqual([{ type: 'node-progress', node: 'a', fraction: 0.5, step: 1, of: 2 }]);
});

test('a preview that cannot be made is told, and the progress goes on', async () => {
  const { progress, said, failures } = progressOf({ previews: { write: () => Promise.reject(new Error('full')) } });
  progress.of(0)(0.5, { step: 1, of: 2, preview: () => pixels });
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual([{ type: 'node-progress', node: 'a', fraction: 0.5, step: 1, of: 2 }]);
  expect(failures).toHaveLength(1);
});

test('nothing is said after the end', async () => {
  const { progress, said } = progressOf({
    previews: { write: () => new Promise((resolve) => setTimeout(resolve, 50)) },
  });
  progress.of(0)(0.1, { step: 1, of: 2, preview: () => pixels });
  progress.of(0)(0.2);
  const ending = progress[Symbol.asyncDispose]();
  progress.of(0)(0.3);
  await vi.advanceTimersByTimeAsync(1000);
  await ending;
  expect(said).toEqual([]);
});

test('a run tells how far its nodes are', async () => {
  vi.useRealTimers();
  const { machine } = fakeMachine();
  const graph = graphOf({ b: ['batch', { count: 2 }], g: ['brighten'] }, 'b.images > g.image');
  let now = 0;
  const { events } = await run(graph, { ...machine, now: () => (now += 1000) });
  const told = events.flatMap((event) => (event.type === 'node-progress' ? [event.fraction] : []));
  expect(told).toEqual([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]);
});
