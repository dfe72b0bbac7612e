import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Graph, parseGraph } from '../../nodes/graph.ts';
import { dataFolderAt } from '../../server/data-folder.ts';
import { openDatabase } from '../../server/store/database.ts';
import { createGraphs, type Graphs, RevisionConflictError } from '../../server/store/graphs.ts';
import { projectRoot, temporaryDatabase } from '../support/databases.ts';

let held: Awaited<ReturnType<typeof temporaryDatabase>>;
let graphs: Graphs;

beforeAll(async () => {
  held = await temporaryDatabase();
  graphs = createGraphs(held.database);
});
afterAll(() => held[Symbol.asyncDispose]());

const graphNamed = (name: string, more: Record<string, unknown> = {}): Graph =>
  parseGraph({ format: 1, name, ...more });

describe('saved graphs', () => {
  test('come back as they were, with fields that this version does not know', async () => {
    const graph = graphNamed('Strange', {
      nodes: {
        '10': {
          type: 'from-the-future',
          version: 7,
          params: { seed: '18446744073709551615', odd: 1e300 },
          glow: [null],
        },
        a: { type: 'prompt', params: { text: 'a \0 and \ud800' }, layout: { x: 0.1, y: -3, tilt: 4 } },
      },
      edges: [{ from: ['a', 'prompt'], to: ['10', 'prompt'], colour: 'red' }],
      frames: [{ title: 'Hands' }],
    });
    const { id, revision } = await graphs.save({ graph });
    expect(revision).toBe(1);
    expect(await graphs.get(id)).toMatchObject({ id, name: 'Strange', revision: 1, graph });
    expect(JSON.stringify((await graphs.get(id))?.graph)).toBe(JSON.stringify(graph));
  });

  test('keep any JSON in their fields', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.string({ unit: 'binary' }), async (extra, name) => {
        const graph = graphNamed(name, { extra });
        const { id } = await graphs.save({ graph });
        expect(JSON.stringify((await graphs.get(id))?.graph)).toBe(JSON.stringify(graph));
      }),
      { numRuns: 25 },
    );
  });

  test('are refused when another tab saved meanwhile, and the stored one stays', async () => {
    const { id } = await graphs.save({ graph: graphNamed('First') });
    await graphs.save({ id, graph: graphNamed('Mine'), baseRevision: 1 });
    const conflict = await graphs
      .save({ id, graph: graphNamed('Theirs'), baseRevision: 1 })
      .catch((error: unknown) => error);
    expect(conflict).toBeInstanceOf(RevisionConflictError);
    expect(conflict).toMatchObject({ current: 2, message: expect.stringContaining('revision 2') });
    expect(await graphs.get(id)).toMatchObject({ name: 'Mine', revision: 2 });
  });

  test('let only one of several simultaneous saves win', async () => {
    const { id } = await graphs.save({ graph: graphNamed('Contested') });
    const saves = ['a', 'b', 'c', 'd'].map((name) => graphs.save({ id, graph: graphNamed(name), baseRevision: 1 }));
    const results = await Promise.allSettled(saves);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await graphs.revisions(id)).map(({ revision }) => revision)).toEqual([2, 1]);
  });

  test('make no new revision when nothing was changed', async () => {
    const graph = graphNamed('Same', { x: { a: 1, b: 2 } });
    const { id } = await graphs.save({ graph });
    expect(await graphs.save({ id, graph: graphNamed('Same', { x: { b: 2, a: 1 } }), baseRevision: 1 })).toEqual({
      id,
      revision: 1,
    });
    expect(await graphs.save({ id, graph: graphNamed('Same', { x: { a: 1, b: 3 } }), baseRevision: 1 })).toEqual({
      id,
      revision: 2,
    });
  });

  test('give back every revision', async () => {
    const { id } = await graphs.save({ graph: graphNamed('One') });
    await graphs.save({ id, graph: graphNamed('Two') });
    expect(await graphs.get(id, 1)).toMatchObject({ name: 'One', revision: 1 });
    expect(await graphs.get(id)).toMatchObject({ name: 'Two', revision: 2 });
    expect(await graphs.get(id, 3)).toBeUndefined();
  });

  test('are listed with the one saved last in front, and are gone when removed', async () => {
    const old = await graphs.save({ graph: graphNamed('Old') });
    const recent = await graphs.save({ graph: graphNamed('Recent') });
    await graphs.save({ id: old.id, graph: graphNamed('Old, changed') });
    const ids = (await graphs.list()).map(({ id }) => id);
    expect(ids.slice(0, 2)).toEqual([old.id, recent.id]);
    await graphs.remove(old.id);
    expect(await graphs.get(old.id)).toBeUndefined();
    expect(await graphs.revisions(old.id)).toEqual([]);
    expect((await graphs.list()).map(({ id }) => id)).not.toContain(old.id);
  });

  test('keep a name that is already taken by another id', async () => {
    const one = await graphs.save({ id: 'mine', graph: graphNamed('Twin'), baseRevision: 0 });
    const other = await graphs.save({ graph: graphNamed('Twin') });
    expect(one).toEqual({ id: 'mine', revision: 1 });
    expect(other.id).not.toBe('mine');
  });
});

describe('the database', () => {
  test('is refused to a second opener and keeps working', async () => {
    const second = openDatabase({ dataFolder: dataFolderAt(held.root), projectRoot });
    await expect(second).rejects.toMatchObject({ name: 'FolderInUseError', pid: process.pid });
    await expect(held.database.executeSql('select 1 as one')).resolves.toEqual({ rows: [{ one: 1 }] });
  });

  test('undoes a transaction that fails', async () => {
    const failing = held.database.transaction(async ({ executeSql }) => {
      await executeSql('insert into graphs (id, name, revision) values ($1, $2, 1)', ['ghost', 'Ghost']);
      throw new Error('stop here');
    });
    await expect(failing).rejects.toThrow('stop here');
    expect(await held.database.executeSql("select id from graphs where id = 'ghost'")).toEqual({ rows: [] });
  });

  test('waits for the disk at each commit', async () => {
    const { rows } = await held.database.executeSql(
      "select name, setting from pg_settings where name in ('fsync', 'wal_sync_method') order by name",
    );
    expect(rows).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'wal_sync_method', setting: 'fsync' },
    ]);
  });
});
