import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelInfo } from '../../models/contracts.ts';
import type { Graph } from '../../nodes/graph.ts';
import { applyPatch } from '../../nodes/patch.ts';
import { type ProblemFacts, problemsIn } from '../../nodes/problems.ts';
import { graphOf } from '../support/machine.ts';

const model = (id: string, kind: ModelInfo['kind'], more: Partial<ModelInfo> = {}): ModelInfo => ({
  id,
  kind,
  title: id,
  bytes: 1,
  bundled: true,
  ...more,
});
const installed = [
  model('bundled/aria-portraits', 'diffuser', { nativeSize: 128 }),
  model('bundled/upscale-illustration-x4', 'upscaler', { scale: 4 }),
  model('bundled/face-clean-up', 'face-restorer'),
];

const picture = (change: Partial<Parameters<typeof graphOf>[0]> = {}) =>
  graphOf(
    { p: ['prompt', { text: 'a cat' }], d: ['diffusion', {}], u: ['upscale'], s: ['save'], ...definedOf(change) },
    'p.prompt > d.prompt',
    'd.images > u.image',
    'u.image > s.image',
  );
const definedOf = (change: Partial<Parameters<typeof graphOf>[0]>): Parameters<typeof graphOf>[0] =>
  Object.fromEntries(Object.entries(change).flatMap(([id, node]) => (node ? [[id, node]] : [])));

const brief = (graph: Graph, facts?: ProblemFacts) =>
  problemsIn(graph, facts).map(({ code, severity, node, port }) =>
    [code, severity, node, port].filter((part) => part !== undefined).join(' '),
  );
const messages = (graph: Graph, facts?: ProblemFacts) => problemsIn(graph, facts).map(({ message }) => message);

/** The graph after pressing the button of its first fix. */
function fixed(graph: Graph, facts?: ProblemFacts): Graph {
  const fix = problemsIn(graph, facts).find((problem) => problem.fix)?.fix;
  if (!fix) throw new Error('Expected a fix but there is none.');
  return applyPatch(graph, fix.patch);
}

test('a graph that can run has no problems', () => {
  expect(problemsIn(picture(), { models: installed })).toEqual([]);
});

test('all problems come at once', () => {
  const graph = picture({ p: ['prompt', { text: 5 }], d: ['diffusion', { width: 100, steps: 0 }], u: ['nonsense'] });
  expect(brief(graph)).toEqual([
    'bad-param error p text',
    'bad-param error d width',
    'bad-param error d steps',
    'unknown-node error u',
  ]);
});

test('a node of a type that is not known is named and cannot run', () => {
  expect(messages(picture({ u: ['sharpen'] }))).toEqual([
    'This version of Aria has no node "sharpen". It is kept as it is, but it cannot run.',
  ]);
  expect(brief(graphOf({ a: ['toString'], b: ['__proto__'] }))).toHaveLength(2);
});

test('a node made by a newer version is refused', () => {
  expect(messages(picture({ u: ['upscale', {}, { version: 7 }] }))).toEqual([
    'This Upscale was made by a newer Aria (version 7, known is 1).',
  ]);
});

test('a value out of range is said with its label, and a button sets the default', () => {
  const graph = picture({ d: ['diffusion', { steps: 1000 }] });
  expect(messages(graph)).toEqual([expect.stringMatching(/^Steps: .*150/)]);
  expect(problemsIn(fixed(graph))).toEqual([]);
});

test('a value is never coerced', () => {
  for (const steps of ['20', true, null, [20], 20.5]) {
    expect(brief(picture({ d: ['diffusion', { steps }] }))).toEqual(['bad-param error d steps']);
  }
});

test('a value that an edge replaces is not complained about', () => {
  const graph = picture({ d: ['diffusion', { model: 5 }], t: ['save', { name: 'x' }] });
  graph.edges.push({ from: ['t', 'file'], to: ['d', 'model'] });
  expect(brief(graph).filter((line) => line.includes(' d model'))).toEqual([]);
});

test('a parameter that is not known is kept and warned about', () => {
  expect(brief(picture({ u: ['upscale', { sharpness: 3 }] }))).toEqual(['unknown-param warning u sharpness']);
});

test('a model that is not installed is named, and a button chooses another of its kind', () => {
  const graph = picture({ u: ['upscale', { model: 'gone/x8' }] });
  expect(problemsIn(graph)).toEqual([]);
  expect(messages(graph, { models: installed })).toEqual([
    'The model "gone/x8" is not installed. Put it into the models folder, or choose another.',
  ]);
  expect(problemsIn(fixed(graph, { models: installed }), { models: installed })).toEqual([]);
});

test('a model of another kind does not count, and a broken one gives its reason', () => {
  const wrongKind = picture({ u: ['upscale', { model: 'bundled/aria-portraits' }] });
  expect(brief(wrongKind, { models: installed })).toEqual(['missing-model error u model']);
  const broken = installed.map((one) => (one.kind === 'upscaler' ? { ...one, broken: 'The file is cut short.' } : one));
  expect(messages(picture(), { models: broken })).toEqual(['The file is cut short.']);
});

test('an input that needs an edge says so, and a button draws the only one that fits', () => {
  const graph = graphOf({ p: ['prompt'], d: ['diffusion'] });
  expect(messages(graph)).toContain('Diffusion needs something connected to "Prompt".');
  const connected = fixed(graph);
  expect(connected.edges).toEqual([{ from: ['p', 'prompt'], to: ['d', 'prompt'] }]);
  expect(problemsIn(connected)).toEqual([]);
});

test('no edge is offered where there is a choice, or where it would close a circle', () => {
  const choice = graphOf({ a: ['prompt'], b: ['prompt'], d: ['diffusion'] });
  expect(problemsIn(choice).find((problem) => problem.code === 'missing-input')?.fix).toBeUndefined();
  const circle = graphOf({ a: ['upscale'], b: ['face-restore'] }, 'a.image > b.image');
  const [missing] = problemsIn(circle).filter((problem) => problem.code === 'missing-input');
  expect(missing).toMatchObject({ node: 'a' });
  expect(missing?.fix).toBeUndefined();
});

test.each([
  ['p.prompt > u.image', 'wrong-kind error u image', '"Image" takes an image, but "Prompt" gives a prompt.'],
  ['p.prompt > u.mask', 'unknown-port error u mask', 'Upscale has no input "mask".'],
  ['d.mask > u.image', 'unknown-port error u image', 'Diffusion has no output "mask".'],
  ['x.image > u.image', 'unknown-port error u image', 'The wire into "Image" comes from a node that is gone.'],
  [
    'constructor.image > u.image',
    'unknown-port error u image',
    'The wire into "Image" comes from a node that is gone.',
  ],
])('the wire %s is refused, and a button removes it', (wire, line, message) => {
  const graph = graphOf({ p: ['prompt'], d: ['diffusion'], u: ['upscale'] }, 'p.prompt > d.prompt', wire);
  expect(brief(graph)).toContain(line);
  expect(messages(graph)).toContain(message);
  const fix = problemsIn(graph).find((problem) => problem.message === message)?.fix;
  expect(applyPatch(graph, fix?.patch ?? []).edges).toHaveLength(1);
});

test('two wires into one port are one too many', () => {
  const graph = picture();
  graph.edges.push({ from: ['d', 'images'], to: ['s', 'image'] });
  expect(messages(graph)).toEqual(['"Image" takes one wire, but several lead to it.']);
  expect(problemsIn(fixed(graph)).filter((problem) => problem.code === 'two-edges')).toEqual([]);
});

test('whole numbers are numbers, nothing else converts', () => {
  const graph = graphOf({ s: ['save'], d: ['diffusion'] }, 's.file > d.steps');
  expect(messages(graph)).toContain('"Steps" takes a whole number, but "File" gives text.');
});

test('a circle is said with its path, and a button opens it', () => {
  const graph = graphOf(
    { a: ['upscale', {}, { title: 'First' }], b: ['face-restore'], c: ['preview'] },
    'a.image > b.image',
    'b.image > a.image',
    'b.image > c.image',
  );
  const [cycle, ...others] = problemsIn(graph).filter((problem) => problem.code === 'cycle');
  expect(others).toEqual([]);
  expect(cycle?.message).toMatch(
    /^These nodes feed each other in a circle: (First → Face restore → First|Face restore → First → Face restore)\.$/,
  );
  const open = applyPatch(graph, cycle?.fix?.patch ?? []);
  expect(problemsIn(open).filter((problem) => problem.code === 'cycle')).toEqual([]);
});

test('a picture that would be too large is said with its size, at the node that makes it', () => {
  const graph = graphOf(
    { p: ['prompt'], d: ['diffusion', { width: 2048, height: 2048 }], u: ['upscale'], v: ['upscale'] },
    'p.prompt > d.prompt',
    'd.images > u.image',
    'u.image > v.image',
  );
  const facts = { models: installed.map((one) => ({ ...one, nativeSize: 2048 })) };
  expect(messages(graph, facts)).toEqual([
    'This would make a picture of 32768 × 32768 px (1074 megapixels); at most 100 are allowed. Use a smaller size or a smaller scale.',
  ]);
  expect(brief(graph, { ...facts, maxPixels: 10_000_000 })).toEqual([
    'too-large error u image',
    'too-large error v image',
  ]);
});

test('odd settings are warned about', () => {
  const graph = picture({ d: ['diffusion', { denoise: 0.5, width: 1024 }] });
  expect(brief(graph, { models: installed })).toEqual(['remark warning d denoise', 'remark warning d width']);
});

test('outside of what runs there are warnings, never errors', () => {
  const graph = picture({ x: ['upscale', { tile: 1 }], y: ['unheard-of'], z: ['preview', {}, { muted: true }] });
  const found = problemsIn(graph);
  expect(found.every((problem) => problem.severity === 'warning')).toBe(true);
  expect(messages(graph)).toContain('Nothing uses the result of Upscale, so it will not run.');
  expect(messages(graph)).toContain('Preview is muted and will not run.');
});

test('asking for other targets moves the errors', () => {
  const graph = picture({ x: ['upscale', { tile: 4096 }] });
  expect(
    brief(graph, { targets: ['x'] })
      .filter((line) => line.includes(' error '))
      .sort(),
  ).toEqual(['bad-param error x tile', 'missing-input error x image']);
});

test('a graph with nothing to run says what to do', () => {
  expect(messages(graphOf({}))).toEqual(['The canvas is empty. Double-click it to add a node.']);
  expect(messages(graphOf({ s: ['save', {}, { muted: true }] }))).toContain(
    'There is nothing to run: every output is muted.',
  );
});

test('a target that is not in the graph is named', () => {
  expect(problemsIn(picture(), { targets: ['gone'] })).toContainEqual(
    expect.objectContaining({ code: 'nothing-to-run', severity: 'error', message: expect.stringContaining('"gone"') }),
  );
});

test('a muted or bypassed node needs nothing connected', () => {
  expect(brief(graphOf({ u: ['upscale', {}, { bypassed: true }] }))).toEqual([]);
});

test('no graph makes it throw, and nothing is changed', () => {
  const types = fc.constantFrom('prompt', 'diffusion', 'upscale', 'save', 'load-image', 'face-restore', 'nonsense');
  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'gone', 'constructor');
  const ports = fc.constantFrom('image', 'images', 'prompt', 'text', 'model', 'file', 'nonsense');
  const node = fc.record({
    type: types,
    version: fc.integer({ min: 1, max: 2 }),
    params: fc.dictionary(fc.constantFrom('text', 'model', 'image', 'seed', 'width', 'x'), fc.jsonValue()),
    layout: fc.constant({ x: 0, y: 0 }),
    muted: fc.boolean(),
    bypassed: fc.boolean(),
  });
  const edge = fc.record({ from: fc.tuple(ids, ports), to: fc.tuple(ids, ports) });
  fc.assert(
    fc.property(fc.dictionary(ids, node), fc.array(edge, { maxLength: 12 }), (nodes, edges) => {
      const graph: Graph = { format: 1, name: 'x', nodes: { ...nodes }, edges };
      const before = structuredClone(graph);
      const problems = problemsIn(graph, { models: installed });
      expect(graph).toEqual(before);
      for (const { node: at, message } of problems) {
        expect(at === '' || Object.hasOwn(graph.nodes, at)).toBe(true);
        expect(message).toMatch(/[.?]$|^[A-Z].*/);
      }
    }),
  );
});
