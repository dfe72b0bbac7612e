import { expect, test } from 'vitest';
import { circleFrom, type End, fittingEnds, offersFor, portAt, refusal } from '../../app/editor/canvas/fits.ts';
import { parseGraph } from '../../nodes/graph.ts';
import portrait from '../../nodes/templates/portrait.json';

const graph = parseGraph(portrait);
const pictures: End = { node: 'diffusion', port: 'images', side: 'output' };
const why = (from: End, to: End) => refusal(graph, from, to, circleFrom(graph, from));

test('a wire goes where the kinds fit, from either end', () => {
  const image: End = { node: 'save', port: 'image', side: 'input' };
  expect(why(pictures, image)).toBeUndefined();
  expect(why(image, pictures)).toBeUndefined();
});

test.each<[string, End, End, RegExp]>([
  [
    'another kind',
    { node: 'prompt', port: 'prompt', side: 'output' },
    { node: 'save', port: 'image', side: 'input' },
    /takes an image/,
  ],
  ['the same node', pictures, { node: 'diffusion', port: 'image', side: 'input' }, /cannot feed itself/],
  ['two outputs', pictures, { node: 'upscale', port: 'image', side: 'output' }, /to an input/],
  [
    'a circle',
    { node: 'upscale', port: 'image', side: 'output' },
    { node: 'diffusion', port: 'image', side: 'input' },
    /in a circle/,
  ],
  [
    'a circle, drawn from its input',
    { node: 'diffusion', port: 'image', side: 'input' },
    { node: 'save', port: 'image', side: 'output' },
    /in a circle/,
  ],
])('a wire is refused with the reason: %s', (_name, from, to, reason) => {
  expect(why(from, to)).toMatch(reason);
});

test('dropped on a node, a wire finds the one port that fits', () => {
  expect(fittingEnds(graph, pictures, 'save', circleFrom(graph, pictures))).toEqual([
    { node: 'save', port: 'image', side: 'input' },
  ]);
  expect(fittingEnds(graph, pictures, 'prompt', circleFrom(graph, pictures))).toEqual([]);
});

test('after an image come the nodes that enhance it, then those that keep it', () => {
  const port = portAt(graph, pictures);
  const types = port ? offersFor(port, 'output').map(({ definition }) => definition.type) : [];
  expect(types.slice(0, 4)).toEqual(['upscale', 'face-restore', 'preview', 'save']);
  expect(types).not.toContain('prompt');
});

test('before a prompt comes the prompt node', () => {
  const port = portAt(graph, { node: 'diffusion', port: 'prompt', side: 'input' });
  expect(port && offersFor(port, 'input').map(({ definition }) => definition.type)).toEqual(['prompt']);
});
