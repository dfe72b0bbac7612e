import { expect, test } from 'vitest';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

test('a muted node and what depends on it are skipped and say why', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    { a: ['number'], m: ['add', {}, { muted: true }], b: ['floor'], c: ['floor'], d: ['floor'] },
    'a.value > m.a',
    'm.sum > b.value',
    'b.value > c.value',
    'a.value > d.value',
  );
  const { ran, skipped, outcome } = await run(graph, machine);
  expect(ran).toEqual(['a', 'd']);
  expect(skipped).toEqual({
    m: 'It is muted.',
    b: 'It needs Add, which is muted.',
    c: 'It needs Add, which is muted.',
  });
  expect(outcome.outcome).toBe('done');
});

test('what feeds only skipped nodes is not run', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    { a: ['number'], b: ['number', { value: 2 }], m: ['floor', {}, { muted: true, title: 'My floor' }], c: ['add'] },
    'a.value > m.value',
    'm.value > c.a',
    'b.value > c.b',
  );
  expect(await run(graph, machine)).toMatchObject({
    ran: [],
    skipped: {
      a: 'Nothing that runs needs it.',
      b: 'Nothing that runs needs it.',
      c: 'It needs My floor, which is muted.',
    },
  });
});

test('a bypassed node passes the ports that its definition pairs', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    {
      a: ['number', { value: 4 }],
      x: ['add', { plus: 1 }, { bypassed: true }],
      y: ['add', {}, { bypassed: true }],
      c: ['floor'],
    },
    'a.value > x.a',
    'x.sum > y.a',
    'y.sum > c.value',
  );
  const { ran, outputs, skipped } = await run(graph, machine);
  expect(ran).toEqual(['a', 'c']);
  expect(outputs.c).toEqual({ value: 4 });
  expect(skipped).toEqual({ x: 'It is bypassed.', y: 'It is bypassed.' });
});

test('a bypassed node that pairs nothing skips what depends on it', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    { a: ['number'], x: ['floor', {}, { bypassed: true }], c: ['floor'] },
    'a.value > x.value',
    'x.value > c.value',
  );
  expect(await run(graph, machine)).toMatchObject({
    ran: [],
    skipped: { c: 'It needs Floor, which is bypassed and passes nothing on.' },
  });
});

test('only what goes past a bypassed node is run', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf(
    { a: ['number'], b: ['number', { value: 2 }], x: ['add', {}, { bypassed: true }], c: ['floor'] },
    'a.value > x.a',
    'b.value > x.b',
    'x.sum > c.value',
  );
  expect(await run(graph, machine)).toMatchObject({ ran: ['a', 'c'], skipped: { b: 'Nothing that runs needs it.' } });
});

test('running to a bypassed node runs to what it passes on', async () => {
  const { machine } = fakeMachine();
  const graph = graphOf({ a: ['number'], x: ['add', {}, { bypassed: true }] }, 'a.value > x.a');
  expect((await run(graph, machine, { targets: ['x'] })).ran).toEqual(['a']);
});
