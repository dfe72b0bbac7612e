import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOf, snapped } from '../../app/editor/fields/describe-field.ts';
import { nextSeed, renewSeeds } from '../../app/editor/fields/seeds.ts';
import { reweighted } from '../../app/editor/fields/weight.ts';
import { spelled } from '../../app/editor/words.ts';
import { catalog } from '../../nodes/catalog.ts';
import { parseGraph } from '../../nodes/graph.ts';
import portrait from '../../nodes/templates/portrait.json';

const field = (type: keyof typeof catalog, name: string) =>
  fieldsOf(catalog[type].params).find((one) => one.name === name);

test('every parameter of every node has a control', () => {
  const unknown = Object.values(catalog).flatMap(({ type, params }) =>
    fieldsOf(params).flatMap(({ control, name }) => (control === 'unknown' ? [`${type}.${name}`] : [])),
  );
  expect(unknown).toEqual([]);
});

test('range, step, default and choices come from the schema', () => {
  expect(field('diffusion', 'width')).toMatchObject({
    control: 'slider',
    min: 64,
    max: 2048,
    step: 8,
    preset: 128,
    unit: 'px',
  });
  expect(field('diffusion', 'denoise')).toMatchObject({ control: 'slider', min: 0.01, max: 1, step: 0.01 });
  expect(field('diffusion', 'batch')).toMatchObject({ control: 'stepper', min: 1, max: 16, step: 1 });
  expect(field('diffusion', 'model')).toMatchObject({ control: 'model', kind: 'diffuser' });
  expect(field('face-restore', 'area')).toMatchObject({
    control: 'choice',
    choices: [
      { value: 'faces', label: 'Each face (photos)' },
      { value: 'picture', label: 'Whole picture (illustrations)' },
    ],
  });
});

test('whatever is typed or dragged becomes a value that the schema takes', () => {
  const numbers = Object.values(catalog).flatMap(({ params }) =>
    fieldsOf(params).flatMap((one) => (one.control === 'slider' || one.control === 'stepper' ? [{ params, one }] : [])),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...numbers),
      fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      ({ params, one }, typed) => {
        expect(params.partial().safeParse({ [one.name]: snapped(typed, one) }).success).toBe(true);
      },
    ),
  );
});

test.each([
  ['a word at the cursor', { text: 'a red cat', start: 4, end: 4 }, 0.1, 'a (red:1.1) cat'],
  ['selected words', { text: 'a red cat', start: 2, end: 9 }, 0.1, 'a (red cat:1.1)'],
  ['a weight inside brackets', { text: 'a (red:1.1) cat', start: 4, end: 4 }, 0.1, 'a (red:1.2) cat'],
  ['a weight back to one', { text: 'a (red:1.1) cat', start: 2, end: 11 }, -0.1, 'a red cat'],
  ['no words', { text: 'a  cat', start: 2, end: 2 }, 0.1, 'a  cat'],
])('Ctrl and an arrow change the weight: %s', (_name, before, step, text) => {
  expect(reweighted(before, step).text).toBe(text);
});

test('a weight goes up and down again to the same text', () => {
  const once = reweighted({ text: 'a red cat', start: 2, end: 5 }, 0.1);
  expect(reweighted(reweighted(once, 0.1), -0.1)).toEqual(once);
  expect(reweighted(once, -0.1).text).toBe('a red cat');
});

test('seeds go on to the next, are never rounded, and start again after the largest', () => {
  expect(nextSeed(7)).toBe(8);
  expect(nextSeed(Number.MAX_SAFE_INTEGER)).toBe('9007199254740992');
  expect(nextSeed('18446744073709551615')).toBe(0);
});

test('a locked seed stays when seeds change by themselves', () => {
  const graph = parseGraph(portrait);
  const { diffusion } = graph.nodes;
  if (!diffusion) throw new Error('The starter graph has no diffusion node.');
  const locked = { ...graph, nodes: { ...graph.nodes, diffusion: { ...diffusion, seedLocked: true } } };
  expect(renewSeeds('next').change(locked)).toEqual(locked);
  expect(renewSeeds('keep').change(graph)).toBe(graph);
  expect(renewSeeds('next').change(graph).nodes.diffusion?.params.seed).toBe(Number(diffusion.params.seed) + 1);
});

test('samplers are written as people write them', () => {
  expect(['euler', 'dpmpp_2m_sde', 'res_multistep', 'lms', 'uni_pc'].map(spelled)).toEqual([
    'Euler',
    'DPM++ 2M SDE',
    'Res multistep',
    'LMS',
    'Uni PC',
  ]);
});
