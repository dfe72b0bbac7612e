import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { DataFolder } from '../data-folder.ts';
import type { Database } from './database.ts';
import { DurableFileSystem, durableStartParams } from './durable-file-system.ts';
import { lockFolder } from './owner-lock.ts';
import { rowsOf, statement } from './sql-text.ts';

/** PostgreSQL inside this process, in the data folder. Rejects with FolderInUseError. */
export async function openPglite({ root, database }: DataFolder, projectRoot: string): Promise<Database> {
  const lock = await lockFolder(root);
  let client: PGlite | undefined;
  const close = async () => {
    await client?.close();
    await lock[Symbol.asyncDispose]();
  };
  try {
    await mkdir(path.dirname(database), { recursive: true });
    client = await PGlite.create({ fs: new DurableFileSystem(database), startParams: durableStartParams });
    const migrationsFolder = path.join(/* turbopackIgnore: true */ projectRoot, 'drizzle/migrations');
    await migrate(drizzle({ client }), { migrationsFolder });
    return wrap(client, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function wrap(client: PGlite, close: () => Promise<void>): Database {
  const orm = drizzle({ client });
  return {
    kind: 'pglite',
    orm,
    async executeSql(text, values = []) {
      return rowsOf(values.length > 0 ? await client.query(text, [...values]) : await client.exec(text));
    },
    transaction: (work) =>
      orm.transaction((inner) =>
        work({
          orm: inner,
          executeSql: async (text, values) => rowsOf(await inner.execute(statement(text, values))),
        }),
      ),
    alone: (work) => work(),
    listen: (channel, callback) => client.listen(channel, callback),
    [Symbol.asyncDispose]: close,
  };
}
