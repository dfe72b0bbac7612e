import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imageRef } from '../../nodes/ports.ts';
import { createActionCache, type Work } from '../../server/engine/action-cache.ts';
import { type CacheEntry, readEntry, writeEntry } from '../../server/engine/cache-entry.ts';
import { sha256 } from '../../server/engine/canonical.ts';
import { createContentStore } from '../../server/store/content.ts';
import { fakeMachine, graphOf, run, temporaryFolder } from '../support/machine.ts';

const key = sha256('key');
const work: Work = { type: 'add', outputs: { sum: 3 }, ms: 12, warnings: ['odd'], made: new Set(), pinned: false };
const long = 'x'.repeat(64);

function open(folder = temporaryFolder(), budget = 1e9, grace = 0) {
  const content = createContentStore(path.join(folder, 'content'));
  const cache = createActionCache({ folder: path.join(folder, 'cache'), content, budget, grace });
  const fileOf = (name: string) => path.join(folder, 'cache', name.slice(0, 2), `${name}.json`);
  const age = (name: string, seconds: number) => {
    const then = Date.now() / 1000 - seconds;
    utimesSync(fileOf(name), then, then);
  };
  /** Stores a result with one picture of so many bytes. */
  async function picture(name: string, bytes: number, ms: number, pinned = false) {
    const digest = await content.write(new Uint8Array(bytes).fill(name.charCodeAt(0)));
    const outputs = { image: { digest, width: 1, height: 1 } };
    await cache.store(sha256(name), { ...work, outputs, ms, made: new Set([digest]), pinned });
    return digest;
  }
  return { folder, content, cache, fileOf, age, picture };
}

test('a result is found in memory, and after a restart on the disk', async () => {
  const { folder, cache, fileOf } = open();
  expect(await cache.lookup(key)).toBeUndefined();
  await cache.store(key, work);
  expect(cache.recall(key)).toMatchObject({ outputs: { sum: 3 }, ms: 12, warnings: ['odd'] });
  expect(existsSync(fileOf(key))).toBe(true);
  const { cache: restarted } = open(folder);
  expect(restarted.recall(key)).toBeUndefined();
  expect(await restarted.lookup(key)).toEqual(cache.recall(key));
  expect(restarted.recall(key)).toBeDefined();
});

test.each([
  ['cut short', (text: string) => text.slice(0, -5)],
  ['empty', () => ''],
  ['changed in one digit', (text: string) => text.replace('"sum":3', '"sum":4')],
  ['no JSON', () => 'damaged'],
])('a file that is %s is a miss', async (_what, damage) => {
  const { folder, cache, fileOf } = open();
  await cache.store(key, work);
  writeFileSync(fileOf(key), damage(readFileSync(fileOf(key), 'utf8')));
  expect(await open(folder).cache.lookup(key)).toBeUndefined();
});

test('a result whose picture is damaged or gone is a miss', async () => {
  for (const damage of [(file: string) => writeFileSync(file, 'other'), (file: string) => rmSync(file)]) {
    const { cache, content, picture } = open();
    const digest = await picture('a', 100, 1);
    expect(cache.recall(sha256('a'))).toBeDefined();
    damage(content.path(digest));
    expect(cache.recall(sha256('a'))).toBeUndefined();
    expect(await cache.lookup(sha256('a'))).toBeUndefined();
  }
});

test('a run computes a damaged picture again', async () => {
  const { machine, content } = fakeMachine();
  const graph = graphOf({ a: ['painted', { shade: 9 }] });
  const { outputs } = await run(graph, machine);
  const { digest } = imageRef.parse(outputs.a?.image);
  writeFileSync(content.path(digest), 'damaged');
  expect(await run(graph, machine)).toMatchObject({ ran: ['a'], outputs });
  expect(await content.has(digest)).toBe(true);
});

test('what is stored comes back as it was', () => {
  const port = fc.string().filter((name) => name !== '__proto__');
  const outputs = fc.dictionary(port, fc.oneof(fc.jsonValue(), fc.bigInt()));
  fc.assert(
    fc.property(outputs, (given) => {
      const entry: CacheEntry = { ...work, outputs: given, digests: {}, warnings: [], images: [], made: [], bytes: 0 };
      const plain = JSON.parse(JSON.stringify(given, tagged), untagged);
      expect(readEntry(writeEntry(entry))?.outputs).toEqual(plain);
    }),
  );
});
const tagged = (_key: string, value: unknown) => (typeof value === 'bigint' ? `bigint:${value}` : value);
const untagged = (_key: string, value: unknown) =>
  typeof value === 'string' && value.startsWith('bigint:') ? BigInt(value.slice(7)) : value;

test('what is old, large and quick to make again goes first', async () => {
  const { cache, picture, age, content } = open(undefined, 25_000);
  const digests = {
    old: await picture('old', 10_000, 100),
    slow: await picture('slow', 10_000, 100_000),
    young: await picture('young', 10_000, 100),
  };
  age(sha256('old'), 1000);
  age(sha256('slow'), 1000);
  age(sha256('young'), 10);
  const { keys, freed } = await cache.evict();
  expect(keys).toEqual([sha256('old')]);
  expect(freed).toBeGreaterThan(10_000);
  expect(await content.has(digests.old)).toBe(false);
  expect(cache.recall(sha256('old'))).toBeUndefined();
  expect(await cache.lookup(sha256('slow'))).toBeDefined();
});

test('pinned results stay, and so does what a run uses', async () => {
  const { cache, picture, age } = open(undefined, 0);
  await picture('pinned', 1000, 1, true);
  await picture('used', 1000, 1);
  await picture('free', 1000, 1);
  for (const name of ['pinned', 'used', 'free']) age(sha256(name), 1000);
  using held = cache.hold();
  held.add(sha256('used'));
  expect((await cache.evict()).keys).toEqual([sha256('free')]);
  held[Symbol.dispose]();
  cache.pin(sha256('pinned'), false);
  age(sha256('pinned'), 1000);
  expect([...(await cache.evict()).keys].sort()).toEqual([sha256('pinned'), sha256('used')].sort());
});

test('results that were used a moment ago stay for the sake of other processes', async () => {
  const { cache, picture, age } = open(undefined, 0, 60_000);
  await picture('a', 10, 1);
  expect((await cache.evict()).keys).toEqual([]);
  age(sha256('a'), 61);
  expect((await cache.evict()).keys).toEqual([sha256('a')]);
});

test('a picture that another result names stays, and one that was never made here too', async () => {
  const { cache, content, age, picture } = open(undefined, 0);
  const shared = await picture('maker', 1000, 1);
  const upload = await content.write(new Uint8Array(50));
  const naming = (digest: string) => ({ ...work, outputs: { image: { digest, width: 1, height: 1 } }, pinned: true });
  await cache.store(sha256('user'), naming(shared));
  await cache.store(sha256('loader'), { ...naming(upload), pinned: false });
  for (const name of ['maker', 'user', 'loader']) age(sha256(name), 1000);
  expect((await cache.evict()).keys).toHaveLength(2);
  expect(await content.has(shared)).toBe(true);
  expect(await content.has(upload)).toBe(true);
});

test('using a result makes it young', async () => {
  const { folder, cache, fileOf, age } = open();
  await cache.store(key, work);
  age(key, 10_000);
  await open(folder).cache.lookup(key);
  expect(Date.now() - statSync(fileOf(key)).mtimeMs).toBeLessThan(60_000);
});

test('nothing is evicted that a run has used, until it has ended', async () => {
  const { machine, behaviour } = fakeMachine({ budget: 0 });
  const evictions: number[] = [];
  behaviour.slow = async () => void evictions.push((await machine.cache.evict()).keys.length);
  await run(graphOf({ a: ['number'], b: ['slow'] }, 'a.value > b.value'), machine);
  expect(evictions).toEqual([0]);
  expect((await machine.cache.evict()).keys).toHaveLength(2);
});

test('a node that is pinned pins its result, and unpinning lets it go', async () => {
  const { machine } = fakeMachine({ budget: 0 });
  const graph = (pinned: boolean) => graphOf({ a: ['painted', {}, { pinned }] });
  await run(graph(true), machine);
  expect((await machine.cache.evict()).keys).toEqual([]);
  await run(graph(false), machine);
  expect((await machine.cache.evict()).keys).toHaveLength(1);
});

test('damaged entries and old leftovers are removed, other files are not', async () => {
  const { cache, fileOf } = open(undefined, 0);
  await cache.store(key, work);
  const place = path.dirname(fileOf(key));
  writeFileSync(path.join(place, `${long}.json`), 'damaged');
  writeFileSync(path.join(place, `${long}.json.part`), 'half');
  utimesSync(path.join(place, `${long}.json.part`), 0, 0);
  await cache.evict();
  expect(readdirSync(place)).toEqual([]);
});

test('the time a type of node took is remembered over a restart', async () => {
  const { folder, cache } = open();
  expect(cache.lastMs('add')).toBeUndefined();
  const held = cache.hold();
  await cache.store(key, work);
  held[Symbol.dispose]();
  expect(open(folder).cache.lastMs('add')).toBe(12);
  writeFileSync(path.join(folder, 'cache', 'timings.json'), 'damaged');
  expect(open(folder).cache.lastMs('add')).toBeUndefined();
});
