import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as commands from '../../app/editor/document/commands.ts';
import { type Command, type History, perform, redo, startHistory, undo } from '../../app/editor/document/history.ts';
import { catalog } from '../../nodes/catalog.ts';
import { type Graph, parseGraph } from '../../nodes/graph.ts';
import portrait from '../../nodes/templates/portrait.json';

const graph = parseGraph(portrait);
const ids = Object.keys(graph.nodes);
const id = fc.constantFrom(...ids, 'gone');
const place = fc.record({ x: fc.integer({ min: -500, max: 500 }), y: fc.integer({ min: -500, max: 500 }) });
const edge = fc.record({
  from: fc.tuple(id, fc.constantFrom('image', 'images')),
  to: fc.tuple(id, fc.constant('image')),
});

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ id, value: fc.integer() }).map(({ id: node, value }) => commands.setParam(node, 'seed', value)),
  fc.record({ id, place }).map((one) => commands.move({ [one.id]: one.place })),
  edge.map(commands.connect),
  fc.subarray(ids).map((some) => commands.remove(some, [])),
  fc.subarray(ids).map(commands.toggleMuted),
  fc.subarray(ids).map(commands.toggleBypassed),
  fc.subarray(ids).map(commands.toggleCollapsed),
  fc.string().map(commands.nameGraph),
  fc.record({ id, title: fc.string() }).map((one) => commands.nameNode(one.id, one.title)),
  id.map(commands.toggleSeedLock),
  place.map((where) => commands.addNode('fresh', commands.newNode(catalog.preview, where), 'Preview')),
);
const timed = fc.array(fc.tuple(anyCommand, fc.integer({ min: 1, max: 3000 })), { maxLength: 40 });

function performed(list: readonly (readonly [Command, number])[], start = graph): History {
  let now = 0;
  return list.reduce((history, [command, wait]) => {
    now += wait;
    return perform(history, command, now);
  }, startHistory(start));
}

function repeated(history: History, step: (history: History) => History, times: number): History {
  return times === 0 ? history : repeated(step(history), step, times - 1);
}

test('any commands, all undone, give the first document back, and all redone the last', () => {
  fc.assert(
    fc.property(timed, (list) => {
      const done = performed(list);
      const back = repeated(done, undo, done.past.length);
      expect(back.present).toEqual(graph);
      expect(back.past).toHaveLength(0);
      expect(repeated(back, redo, back.future.length).present).toEqual(done.present);
    }),
  );
});

test('commands never change the document they are given', () => {
  const before = JSON.stringify(graph);
  fc.assert(
    fc.property(anyCommand, (command) => {
      command.change(graph);
      expect(JSON.stringify(graph)).toBe(before);
    }),
  );
});

test('typing into one field is one step; a pause or another field begins the next', () => {
  const type = (text: string) => commands.setParam('prompt', 'text', text);
  const quick = performed([
    [type('a'), 1],
    [type('ab'), 100],
    [type('abc'), 100],
  ]);
  expect(quick.past).toHaveLength(1);
  expect(undo(quick).present).toBe(graph);
  expect(
    performed([
      [type('a'), 1],
      [type('ab'), 5000],
    ]).past,
  ).toHaveLength(2);
  expect(
    performed([
      [type('a'), 1],
      [commands.setParam('prompt', 'negative', 'b'), 100],
    ]).past,
  ).toHaveLength(2);
});

test('what is done after an undo takes the place of what was undone', () => {
  const history = perform(undo(performed([[commands.nameGraph('one'), 1]])), commands.nameGraph('two'), 10_000);
  expect(history.future).toHaveLength(0);
  expect(redo(history).present.name).toBe('two');
});

test('a command that changes nothing leaves no step', () => {
  expect(
    performed([
      [commands.nameGraph(graph.name), 1],
      [commands.move({ gone: { x: 1, y: 1 } }), 1],
    ]).past,
  ).toEqual([]);
});

test('a new wire takes the place of the one that led to the same input', () => {
  const rewired = commands.connect({ from: ['diffusion', 'images'], to: ['save', 'image'] }).change(graph);
  expect(into(rewired, 'save')).toEqual([['diffusion', 'images']]);
  expect(into(rewired, 'upscale')).toEqual([['diffusion', 'images']]);
});

test('removing a node removes its wires and leaves the others', () => {
  const without = commands.remove(['upscale'], []).change(graph);
  expect(without.nodes.upscale).toBeUndefined();
  expect(without.edges.map(({ from, to }) => `${from[0]} ${to[0]}`)).toEqual(['prompt diffusion', 'face-restore save']);
});

test('muting and unmuting gives an equal document, without leftovers', () => {
  const twice = commands.toggleMuted(['save']).change(commands.toggleMuted(['save']).change(graph));
  expect(twice).toEqual(graph);
});

const into = ({ edges }: Graph, node: string) => edges.filter(({ to }) => to[0] === node).map(({ from }) => from);
