import { cp, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataFolderAt } from '../../server/data-folder.ts';
import { type Database, openDatabase } from '../../server/store/database.ts';

export const projectRoot = path.resolve(import.meta.dirname, '../..');

/** A folder that is removed when disposed. */
export async function temporaryFolder(name = 'aria-test-') {
  const root = await mkdtemp(path.join(tmpdir(), name));
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

// Making a new PostgreSQL folder takes seconds; every test begins with a copy of this one, which is empty.
const template = path.join(tmpdir(), 'aria-test-template-pglite-0.5.16');

/** Puts an empty embedded database into a data folder. */
export async function prepareDatabase(root: string): Promise<void> {
  if (!(await exists(template))) await makeTemplate();
  await cp(template, dataFolderAt(root).database, { recursive: true });
}

async function makeTemplate(): Promise<void> {
  await using folder = await temporaryFolder();
  const { PGlite } = await import('@electric-sql/pglite');
  const made = path.join(folder.root, 'pg');
  await (await PGlite.create(made)).close();
  // Of several test processes the first one wins; the others' folders are thrown away.
  await cp(made, `${template}.${process.pid}`, { recursive: true });
  await rename(`${template}.${process.pid}`, template).catch(() =>
    rm(`${template}.${process.pid}`, { recursive: true }),
  );
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** The embedded database in a folder of its own, which is removed when disposed. */
export async function temporaryDatabase(): Promise<{ database: Database; root: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await prepareDatabase(folder.root);
  const database = await openDatabase({ dataFolder: dataFolderAt(folder.root), projectRoot });
  return {
    database,
    root: folder.root,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
