import { expect, test } from 'vitest';
import { fakeMachine, graphOf, run } from '../support/machine.ts';

const chain = (value = 1, plus = 1) =>
  graphOf({ c: ['floor'], b: ['add', { plus }], a: ['number', { value }] }, 'a.value > b.a', 'b.sum > c.value');

test('runs every node after the nodes it reads from', async () => {
  const { machine } = fakeMachine();
  const { ran, outputs, outcome } = await run(chain(1.5), machine);
  expect(ran).toEqual(['a', 'b', 'c']);
  expect(outputs.c).toEqual({ value: 2 });
  expect(outcome).toMatchObject({ outcome: 'done', ran: 3, cached: 0 });
});

test('a second run executes nothing', async () => {
  const { machine } = fakeMachine();
  await run(chain(), machine);
  expect(await run(chain(), machine)).toMatchObject({ ran: [], cached: ['a', 'b', 'c'] });
});
