import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataFolderAt } from '../../server/data-folder.ts';
import type { RunEvent } from '../../server/engine/events.ts';
import { createQueue, type Queue } from '../../server/runs/queue.ts';
import { createRuns, type Runs } from '../../server/runs/runs.ts';
import { startWorkerHost } from '../../server/runs/worker-host.ts';
import { type Database, openDatabase } from '../../server/store/database.ts';
import { createGraphs } from '../../server/store/graphs.ts';
import { projectRoot } from '../support/databases.ts';
import { portrait } from '../support/graphs.ts';
import { postgresPrograms, temporaryPostgres } from '../support/postgres.ts';
import { quickly, type Script, scriptedExecutor, untilStopped } from '../support/scripted-executor.ts';

const programs = postgresPrograms();
if (!programs) console.log('Skipped the tests against PostgreSQL: it is not installed (apt-get install postgresql).');

/** Stands for one of several machines on one database. */
interface Site {
  database: Database;
  queue: Queue;
  runs: Runs;
}

describe.skipIf(!programs)('several machines on one PostgreSQL server', () => {
  let server: Awaited<ReturnType<typeof temporaryPostgres>>;
  let here: Site;
  let there: Site;

  async function open(): Promise<Site> {
    const database = await openDatabase({ dataFolder: dataFolderAt('/nowhere'), url: server.url, projectRoot });
    const queue = await createQueue(database);
    const runs = await createRuns({ database, queue, graphs: createGraphs(database), facts: () => ({}) });
    return { database, queue, runs };
  }
  const close = async ({ runs, database }: Site) => {
    await runs[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  };
  beforeAll(async () => {
    server = await temporaryPostgres(programs ?? '');
    // At once, as when several machines are updated together.
    [here, there] = await Promise.all([open(), open()]);
  });
  afterAll(async () => {
    // The server must not outlive the tests, even when nothing could be opened on it.
    await Promise.allSettled([here, there].filter(Boolean).map(close));
    await server[Symbol.asyncDispose]();
  });

  // Long enough that a busy machine does not take a living host for a dead one.
  const host = ({ database, queue }: Site, script: Script, { slots = 1, leaseMs = 30_000 } = {}) =>
    startWorkerHost({ database, queue, executor: scriptedExecutor(script), slots, heartbeatMs: 20, leaseMs });
  async function eventsOf({ runs }: Site, id: string): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const { event } of runs.follow(id, 0, AbortSignal.timeout(60_000))) events.push(event);
    return events;
  }

  test('work on runs that another accepted, and it sees every event', async () => {
    const { id } = await here.runs.start({ graph: portrait() });
    const watched = eventsOf(here, id);
    await using _host = await host(there, quickly);
    expect((await watched).map(({ type }) => type).join(' ')).toBe(
      'run-start node-start node-end node-start node-end node-start node-end run-end',
    );
  });

  test('stop a run that another works on', async () => {
    const { id } = await here.runs.start({ graph: portrait() });
    await using _host = await host(there, untilStopped);
    for await (const { event } of here.runs.follow(id, 0, AbortSignal.timeout(60_000))) {
      if (event.type === 'node-start') await here.runs.stop(id);
    }
    expect(await here.runs.get(id)).toMatchObject({ state: 'stopped' });
  });

  test('share the work and do nothing twice', async () => {
    const visits: string[] = [];
    const script: Script = (run) => {
      visits.push(run.id);
      return quickly(run);
    };
    await using _one = await host(here, script, { slots: 3 });
    await using _other = await host(there, script, { slots: 3 });
    const started = await Promise.all(Array.from({ length: 30 }, () => here.runs.start({ graph: portrait() })));
    for (const { id } of started) expect((await eventsOf(there, id)).at(-1)).toMatchObject({ outcome: 'done' });
    expect([...visits].sort()).toEqual(started.map(({ id }) => id).sort());
  });

  test('give one run to one key, wherever it is sent', async () => {
    const order = { graph: portrait(), idempotencyKey: 'only once' };
    const sites = [here, there, here, there, here, there];
    const ids = (await Promise.all(sites.map(({ runs }) => runs.start(order)))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    await here.runs.stop(ids[0] ?? '');
  });

  test('let one of two simultaneous saves win', async () => {
    const [mine, theirs] = [createGraphs(here.database), createGraphs(there.database)];
    const { id } = await mine.save({ graph: portrait() });
    const saves = [mine, theirs, mine, theirs].map((graphs, seed) =>
      graphs.save({ id, graph: portrait({ seed: seed + 1 }), baseRevision: 1 }),
    );
    const results = await Promise.allSettled(saves);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await mine.get(id))?.revision).toBe(2);
  });

  test('take over from one that was killed, once it has been silent for the lease', async () => {
    const child = fork(path.join(import.meta.dirname, '../support/run-owner.ts'), ['/nowhere', server.url], {
      execArgv: ['--import', 'tsx'],
    });
    const [{ running: id }] = await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'close');
    await using _host = await host(there, quickly, { leaseMs: 1500 });
    expect((await eventsOf(here, id)).at(-1)).toMatchObject({ type: 'run-end', outcome: 'done' });
    expect(await here.runs.get(id)).toMatchObject({ attempt: 2 });
    for (const { id: other } of await here.runs.waiting()) await eventsOf(here, other);
  });

  test('notice what happened while their connection was broken', async () => {
    const { id } = await here.runs.start({ graph: portrait() });
    const watched = eventsOf(here, id);
    // The listening connections alone: a statement that is cut off fails, as it must, and would fail this test by chance.
    const { rows } = await here.database.executeSql(
      "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'",
    );
    expect(rows.length).toBeGreaterThanOrEqual(2);
    await using _host = await host(there, quickly);
    expect((await watched).at(-1)).toMatchObject({ type: 'run-end', outcome: 'done' });
  });
});
