import { expect, test } from 'vitest';
import { afterEvent, endLine, noRun, picturesIn, startedRun } from '../../app/editor/runs/run-state.ts';
import type { RunEvent } from '../../server/engine/events.ts';

const picture = { digest: 'a'.repeat(64), width: 4, height: 4 };
const other = { digest: 'b'.repeat(64), width: 8, height: 8 };
const start = startedRun(noRun, 'run', ['one', 'two']);
const after = (...events: RunEvent[]) => events.reduce(afterEvent, start);
const ended = (outputs: Record<string, unknown>, cached = false): RunEvent => ({
  type: 'node-end',
  node: 'one',
  outputs,
  cached,
  ms: 5,
});

test('a node waits, works, shows its preview until the next one, and is done', () => {
  expect(start.nodes.one).toEqual({ state: 'queued' });
  const working = after(
    { type: 'node-start', node: 'one' },
    { type: 'node-progress', node: 'one', fraction: 0.2, step: 1, of: 5, preview: 'p' },
    { type: 'node-progress', node: 'one', fraction: 0.4, step: 2, of: 5 },
  );
  expect(working.nodes.one).toMatchObject({ state: 'running', fraction: 0.4, step: 2, preview: 'p' });
  expect(working.fraction).toBeCloseTo(0.2);
  expect(after(ended({ image: picture })).nodes.one).toMatchObject({ state: 'done', cached: false });
});

test('pictures stay on a node until newer ones come, also through the next run', () => {
  const first = after(ended({ images: [picture, other] }));
  expect(first.pictures.one).toEqual([picture, other]);
  const next = startedRun(first, 'next', ['one']);
  expect(next.pictures.one).toEqual([picture, other]);
  expect(afterEvent(next, ended({ image: other })).pictures.one).toEqual([other]);
});

test('a failure stands at its node and nothing goes on after the end', () => {
  const failed = after(
    { type: 'node-start', node: 'two' },
    { type: 'node-fail', node: 'one', message: 'Too large.' },
    { type: 'run-end', outcome: 'failed', ms: 10, ran: 0, cached: 0, message: 'Too large.' },
  );
  expect(failed.phase).toBe('failed');
  expect(failed.nodes).toEqual({ one: { state: 'failed', message: 'Too large.' } });
});

test('a run that begins again begins with nothing done', () => {
  const again = after(ended({}), { type: 'run-start', nodes: 2 });
  expect(again.nodes.one).toEqual({ state: 'queued' });
  expect(again.finished).toBe(0);
});

test('the last line tells the time and what was cached', () => {
  expect(endLine({ type: 'run-end', outcome: 'done', ms: 3210, ran: 3, cached: 2 })).toBe(
    'Done in 3.2 s, 2 of 5 cached',
  );
  expect(endLine({ type: 'run-end', outcome: 'done', ms: 400, ran: 3, cached: 0 })).toBe('Done in 0.4 s');
  expect(endLine({ type: 'run-end', outcome: 'stopped', ms: 65_000, ran: 0, cached: 0 })).toBe(
    'Stopped after 1 min 5 s',
  );
});

test('pictures among outputs are found once each, and nothing else is taken for one', () => {
  expect(picturesIn({ image: picture, again: [picture, other], file: 'x.png', count: 3 })).toEqual([picture, other]);
});
