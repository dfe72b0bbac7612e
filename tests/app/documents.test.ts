import { expect, test } from 'vitest';
import { copiedText, fragmentIn, fragmentOf, pasting } from '../../app/editor/document/clipboard.ts';
import { keepDraft, lastDraft, readDraft } from '../../app/editor/document/drafts.ts';
import { matching } from '../../app/editor/panels/matching.ts';
import { byteSize, duration, sizeWords } from '../../app/editor/words.ts';
import { catalog } from '../../nodes/catalog.ts';
import { parseGraph } from '../../nodes/graph.ts';
import portrait from '../../nodes/templates/portrait.json';

const graph = parseGraph(portrait);

test('copied nodes come back as text with new ids, wired to each other and to their source', () => {
  const text = copiedText(fragmentOf(graph, ['upscale', 'face-restore']));
  const fragment = fragmentIn(text);
  if (!fragment) throw new Error('The copied text was not read.');
  const { command, ids } = pasting(graph, fragment, { x: 10, y: 20 });
  expect(ids).toEqual(['upscale-2', 'face-restore-2']);
  const pasted = command.change(graph);
  expect(pasted.edges.slice(graph.edges.length)).toEqual([
    { from: ['diffusion', 'images'], to: ['upscale-2', 'image'] },
    { from: ['upscale-2', 'image'], to: ['face-restore-2', 'image'] },
  ]);
  expect(pasted.nodes['upscale-2']?.layout).toMatchObject({ x: (graph.nodes.upscale?.layout.x ?? 0) + 10, y: 20 });
});

test.each(['hello', '{', '{"a": 1}', ''])('other text is no part of a graph: %s', (text) => {
  expect(fragmentIn(text)).toBeUndefined();
});

test('a draft comes back as it was, large seeds included', () => {
  const storages = { browser: memory(), tab: memory() };
  const draft = { graph: { ...graph, id: 'a', seedNote: '18446744073709551615' }, revision: 3, changed: true };
  keepDraft(storages, 'a', draft);
  expect(lastDraft(storages)).toEqual(draft);
});

test('old drafts make room, but not those that the server has not got', () => {
  const storages = { browser: memory(), tab: memory() };
  const storage = storages.browser;
  keepDraft(storages, 'unsaved', { graph, revision: 0, changed: true });
  for (let index = 0; index < 30; index++)
    keepDraft(storages, `saved-${index}`, { graph, revision: 1, changed: false });
  expect(readDraft(storage, 'unsaved')).toBeDefined();
  expect(readDraft(storage, 'saved-0')).toBeUndefined();
  expect(readDraft(storage, 'saved-29')).toBeDefined();
});

test('a tab comes back to its own graph, and a new tab to the one that was open last', () => {
  const browser = memory();
  const first = { browser, tab: memory() };
  const second = { browser, tab: memory() };
  keepDraft(first, 'one', { graph: { ...graph, name: 'One' }, revision: 1, changed: false });
  keepDraft(second, 'two', { graph: { ...graph, name: 'Two' }, revision: 1, changed: false });
  expect(lastDraft(first)?.graph.name).toBe('One');
  expect(lastDraft({ browser, tab: memory() })?.graph.name).toBe('Two');
});

test('a damaged draft is no draft', () => {
  const storage = memory();
  storage.setItem('aria.last', 'a');
  storage.setItem('aria.draft.a', '{"graph": "{", "revision": 1');
  expect(lastDraft({ browser: storage, tab: memory() })).toBeUndefined();
});

test('nodes are found by title, other names and category', () => {
  const found = (query: string) => matching(Object.values(catalog), query).map(({ type }) => type);
  expect(found('esrgan')).toEqual(['upscale']);
  expect(found('pre')[0]).toBe('preview');
  expect(found('output')).toEqual(['preview', 'save']);
  expect(found('nothing like this')).toEqual([]);
});

test('numbers are written for people', () => {
  expect([duration(40), duration(3210), duration(59_960), duration(125_000)]).toEqual([
    '0.0 s',
    '3.2 s',
    '1 min 0 s',
    '2 min 5 s',
  ]);
  expect([byteSize(12), byteSize(83_364), byteSize(2_130_000_000)]).toEqual(['12 B', '83 kB', '2.1 GB']);
  expect([sizeWords({ width: 2, height: 3 }), sizeWords({ width: 2, height: 3, count: 4 })]).toEqual([
    '2 × 3',
    '4 of 2 × 3',
  ]);
});

/** A storage of the browser, in memory. */
function memory(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
    key: (index) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
}
