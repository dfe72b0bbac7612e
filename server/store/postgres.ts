import path from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Database } from './database.ts';
import { createListener } from './postgres-listener.ts';
import { rowsOf, statement } from './sql-text.ts';

/** Any number that nothing else locks: held while one of several processes migrates. */
const migrationLock = 727_272;

/** A PostgreSQL server, shared by any number of processes. Rejects when it cannot be reached. */
export async function openPostgres(url: string, projectRoot: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  // Without a listener, a connection that breaks while idle would end the process; the next query opens another.
  pool.on('error', () => undefined);
  await migrateOnce(pool, path.join(/* turbopackIgnore: true */ projectRoot, 'drizzle/migrations'));
  const orm = drizzle({ client: pool });
  const listener = createListener(url);
  return {
    kind: 'postgres',
    orm,
    executeSql: async (text, values = []) =>
      rowsOf(values.length > 0 ? await pool.query(text, [...values]) : await pool.query(text)),
    transaction: (work) =>
      orm.transaction((inner) =>
        work({
          orm: inner,
          executeSql: async (text, values) => rowsOf(await inner.execute(statement(text, values))),
        }),
      ),
    listen: (channel, callback) => listener.listen(channel, callback),
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await pool.end();
    },
  };
}

async function migrateOnce(pool: pg.Pool, migrationsFolder: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await migrate(drizzle({ client }), { migrationsFolder });
    await client.query('select pg_advisory_unlock($1)', [migrationLock]);
    client.release();
  } catch (error) {
    // Closing the connection gives the lock back whatever happened.
    client.release(true);
    await pool.end();
    throw error;
  }
}
