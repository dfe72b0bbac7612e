import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { edgesInto, GraphError, graphSchema, parseGraph, readGraph, writeGraph } from '../../nodes/graph.ts';
import { graphOf } from '../support/machine.ts';

const id = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');
const edge = fc.record({ from: fc.tuple(id, id), to: fc.tuple(id, id) });
const node = fc.record({ type: fc.string(), params: fc.dictionary(id, fc.jsonValue({ noUnicodeString: false })) });
const document = fc
  .record({ format: fc.constant(1), nodes: fc.dictionary(id, node), edges: fc.array(edge), extra: fc.jsonValue() })
  .map((value) => graphSchema.parse(JSON.parse(JSON.stringify(value))));

test('a graph that is written and read again is the same graph', () => {
  fc.assert(
    fc.property(document, (drawn) => {
      // Reading settles what JSON has no form for: -0, and whole numbers that become text.
      const graph = readGraph(writeGraph(drawn));
      expect(readGraph(writeGraph(graph))).toEqual(graph);
    }),
  );
});

test('what this version does not know survives', () => {
  const text = JSON.stringify({
    format: 1,
    nodes: { a: { type: 'from-the-future', params: { x: [1] }, colour: 'red', layout: { x: 1, y: 2, z: 3 } } },
    edges: [{ from: ['a', 'b'], to: ['c', 'd'], rule: 'cross' }],
    frames: [{ title: 'Frame' }],
  });
  const graph = readGraph(text);
  expect(readGraph(writeGraph(graph))).toMatchObject(JSON.parse(text));
});

test('what is left out gets its default', () => {
  expect(parseGraph({ format: 1, nodes: { a: { type: 'prompt' } } })).toEqual({
    format: 1,
    name: 'Untitled',
    nodes: { a: { type: 'prompt', version: 1, params: {}, layout: { x: 0, y: 0 } } },
    edges: [],
  });
});

test('whole numbers beyond 2^53 stay exact, as text', () => {
  const read = readGraph(
    '{"format":1,"nodes":{"a":{"type":"diffusion","params":{"seed":18446744073709551615,"small":7,"part":0.1}}}}',
  );
  expect(read.nodes.a?.params).toEqual({ seed: '18446744073709551615', small: 7, part: 0.1 });
});

test.each([
  ['damaged', '{"format":1', 'Expected JSON but the text is damaged or of another kind.'],
  ['a list', '[]', 'Expected an Aria graph but received something else; open a file saved by Aria.'],
  [
    'another format',
    '{"nodes":[]}',
    'Expected an Aria graph but this JSON has no "format"; it may come from another program.',
  ],
  ['newer', '{"format":2}', 'This graph has format 2, made by a newer Aria; update to open it.'],
  ['misshapen', '{"format":1,"nodes":{"a":{}}}', 'Expected an Aria graph, but "nodes.a.type" does not fit'],
])('a text that is %s is refused in one sentence', (_what, text, message) => {
  expect(() => readGraph(text)).toThrow(GraphError);
  expect(() => readGraph(text)).toThrow(message);
});

test('a name like __proto__ is a name and nothing else', () => {
  const graph = readGraph('{"format":1,"nodes":{"__proto__":{"type":"prompt","params":{"polluted":true}}}}');
  expect(Object.prototype).not.toHaveProperty('polluted');
  expect(Object.getPrototypeOf(graph.nodes)).toBe(Object.prototype);
});

test('the edges into a node come in the order in which they were drawn', () => {
  const graph = graphOf({ a: ['prompt'], b: ['diffusion'] }, 'a.prompt > b.prompt', 'a.x > b.y', 'b.images > a.text');
  expect(
    edgesInto(graph)
      .get('b')
      ?.map((one) => one.to[1]),
  ).toEqual(['prompt', 'y']);
});

test('the templates can be read', () => {
  const file = path.resolve(import.meta.dirname, '../../nodes/templates/portrait.json');
  expect(readGraph(readFileSync(file, 'utf8')).nodes.diffusion?.type).toBe('diffusion');
});
