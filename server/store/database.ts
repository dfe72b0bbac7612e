import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { DataFolder } from '../data-folder.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import type { Rows } from './sql-text.ts';

/** What can be asked of the database, inside a transaction or outside. */
export interface Statements {
  readonly orm: PgDatabase<PgQueryResultHKT>;
  /** Plain SQL with `$1`-style places; several statements at once when there are no values. Gives the last one's rows. */
  executeSql(text: string, values?: readonly unknown[]): Promise<Rows>;
}

export interface Database extends Statements, AsyncDisposable {
  readonly kind: 'pglite' | 'postgres';
  /**
   * All of it happens or nothing; rejects with what `work` throws. Inside, only the given statements may be used: the
   * embedded database has one connection, which the transaction holds.
   */
  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result>;
  /** Runs `work`, which makes or changes tables, while no other process does the like. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  /**
   * Calls back for each NOTIFY on the channel, and with an empty text after a broken connection is mended, when some may
   * have been missed. Gives what ends it.
   */
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
}

export interface DatabaseOptions {
  readonly dataFolder: DataFolder;
  /** A PostgreSQL server's address; the embedded database in the data folder when left out. */
  readonly url?: string;
  /** The folder of `drizzle/migrations`; the working directory when left out. */
  readonly projectRoot?: string;
}

/**
 * Opens the database and brings it up to date. The embedded one belongs to one process at a time: rejects with
 * FolderInUseError when another has it.
 */
export function openDatabase({ dataFolder, url, projectRoot = process.cwd() }: DatabaseOptions): Promise<Database> {
  return url ? openPostgres(url, projectRoot) : openPglite(dataFolder, projectRoot);
}
