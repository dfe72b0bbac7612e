import path from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Database } from './database.ts';
import { createListener } from './postgres-listener.ts';
import { rowsOf, statement } from './sql-text.ts';

/** Any number that nothing else locks: held while one of several processes makes or changes tables. */
const setUpLock = 727_272;

/** A PostgreSQL server, shared by any number of processes. Rejects when it cannot be reached. */
export async function openPostgres(url: string, projectRoot: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  // Without a listener, a connection that breaks while idle would end the process; the next query opens another.
  pool.on('error', () => undefined);
  try {
    const migrationsFolder = path.join(/* turbopackIgnore: true */ projectRoot, 'drizzle/migrations');
    await underLock(pool, () => migrate(drizzle({ client: pool }), { migrationsFolder }));
  } catch (error) {
    await pool.end();
    throw error;
  }
  const orm = drizzle({ client: pool });
  const listener = createListener(url);
  return {
    kind: 'postgres',
    orm,
    executeSql: async (text, values = []) =>
      rowsOf(values.length > 0 ? await pool.query(text, [...values]) : await onOneConnection(pool, text)),
    transaction: (work) =>
      orm.transaction((inner) =>
        work({
          orm: inner,
          executeSql: async (text, values) => rowsOf(await inner.execute(statement(text, values))),
        }),
      ),
    alone: (work) => underLock(pool, work),
    listen: (channel, callback) => listener.listen(channel, callback),
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await pool.end();
    },
  };
}

/** Runs `work` while this process holds the lock, on a connection that does nothing else meanwhile. */
async function underLock<Result>(pool: pg.Pool, work: () => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [setUpLock]);
    const result = await work();
    await client.query('select pg_advisory_unlock($1)', [setUpLock]);
    client.release();
    return result;
  } catch (error) {
    // Closing the connection gives the lock back whatever happened.
    client.release(true);
    throw error;
  }
}

/** Several statements may hold a transaction, which a failure leaves open: such a connection is given to nobody else. */
async function onOneConnection(pool: pg.Pool, text: string): Promise<unknown> {
  const client = await pool.connect();
  try {
    const result = await client.query(text);
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
