import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asDiskFull } from './disk-full.ts';
import { absent, errorCode } from './file-errors.ts';
import { type GalleryPage, listGallery } from './gallery-list.ts';
import { dayFolder, isGalleryFile, pathOf, safeName } from './gallery-names.ts';

/** Thrown when a picture cannot be kept or found. The message is a whole sentence for the person. */
export class GalleryError extends Error {
  override readonly name = 'GalleryError';
}

export interface NewPicture {
  /** The finished file, with everything that shall be in it. */
  readonly png: Uint8Array;
  /** What the person called it; made fit for a file name here. */
  readonly name: string;
  /** Tells pictures of one name apart, such as the seed. */
  readonly suffix: string;
}

/** Pictures that people keep, as ordinary files in folders by day. Files may be moved or deleted by hand at any time. */
export interface Gallery {
  /**
   * Writes the picture as `YYYY/MM/DD/name-suffix.png`, whole or not at all. A picture that is there already, to the last
   * byte and on whatever day, is not written again. Rejects with `DiskFullError`, or with
   * `GalleryError` when the folder may not be written to.
   */
  keep(picture: NewPicture, signal: AbortSignal): Promise<{ file: string; already: boolean }>;
  /** The bytes of a kept picture. Rejects with `GalleryError` when there is none. */
  read(file: string): Promise<Uint8Array>;
  /** Up to `limit` pictures, newest first, from behind the file `after` on. */
  list(limit: number, after?: string): Promise<GalleryPage>;
  /** Deletes a picture for good; one that is gone already is no error. */
  remove(file: string): Promise<void>;
  /** Removes what an interrupted process left behind. */
  sweep(): Promise<void>;
}

export interface GalleryOptions {
  readonly now?: () => Date;
  /** Writes a new file and waits until it is on the disk. */
  readonly write?: (file: string, bytes: Uint8Array | string) => Promise<void>;
}

const hour = 3_600_000;
const writeThrough = (file: string, bytes: Uint8Array | string) => writeFile(file, bytes, { flush: true });

/** The gallery in a folder, which is made when the first picture comes. Several processes may share it. */
export function createGallery(folder: string, options: GalleryOptions = {}): Gallery {
  const { now = () => new Date(), write = writeThrough } = options;
  const parts = path.join(folder, '.part');
  // Where a picture lies by the digest of its bytes, so that one kept on another day is found.
  const indexFile = (digest: string) => path.join(folder, '.index', digest.slice(0, 2), digest);

  async function holds(file: string, { digest, bytes }: { digest: string; bytes: number }): Promise<boolean> {
    const found = await stat(pathOf(folder, file)).catch(absent);
    if (found?.size !== bytes) return false;
    const present = await readFile(pathOf(folder, file)).catch(absent);
    return present !== undefined && sha256(present) === digest;
  }

  async function remembered(wanted: { digest: string; bytes: number }): Promise<string | undefined> {
    const file = await readFile(indexFile(wanted.digest), 'utf8').catch(absent);
    return file !== undefined && isGalleryFile(file) && (await holds(file, wanted)) ? file : undefined;
  }

  async function remember(digest: string, file: string): Promise<void> {
    const part = path.join(parts, randomUUID());
    await mkdir(path.dirname(indexFile(digest)), { recursive: true });
    try {
      await write(part, file);
      await rename(part, indexFile(digest));
    } finally {
      await rm(part, { force: true });
    }
  }

  async function place(part: string, file: string, digest: string): Promise<boolean> {
    const target = pathOf(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    if (!(await reserve(target))) return false;
    try {
      // First the index: an entry without its file is no entry, a file without its entry would be kept twice.
      await remember(digest, file);
      await rename(part, target);
      return true;
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    }
  }

  async function keep({ png, name, suffix }: NewPicture, signal: AbortSignal) {
    const wanted = { digest: sha256(png), bytes: png.length };
    const known = await remembered(wanted);
    if (known !== undefined) return { file: known, already: true };
    signal.throwIfAborted();

    const part = path.join(parts, randomUUID());
    await mkdir(parts, { recursive: true });
    try {
      await write(part, png);
      signal.throwIfAborted();
      const stem = `${dayFolder(now())}/${safeName(name)}-${safeName(suffix)}`;
      for (const ending of ['', `-${wanted.digest.slice(0, 8)}`, `-${wanted.digest}`]) {
        const file = `${stem}${ending}.png`;
        if (await place(part, file, wanted.digest)) return { file, already: false };
        if (await holds(file, wanted)) {
          await remember(wanted.digest, file);
          return { file, already: true };
        }
      }
      throw new GalleryError(
        `Expected a free name for ${name} in the gallery but its names are taken; choose another.`,
      );
    } finally {
      await rm(part, { force: true });
    }
  }

  return {
    keep: (picture, signal) => keep(picture, signal).catch((cause: unknown) => refuse(cause, picture.png.length)),
    async read(file) {
      const found = isGalleryFile(file) ? await readFile(pathOf(folder, file)).catch(absent) : undefined;
      if (!found) throw new GalleryError('This picture is no longer in the gallery.');
      return found;
    },
    list: (limit, after) => listGallery(folder, limit, after),
    async remove(file) {
      if (isGalleryFile(file)) await rm(pathOf(folder, file), { force: true });
    },
    async sweep() {
      for (const name of (await readdir(parts).catch(absent)) ?? []) {
        const found = await stat(path.join(parts, name)).catch(absent);
        // A younger one may be another process's work.
        if (found && Date.now() - found.mtimeMs > hour) await rm(path.join(parts, name), { force: true });
      }
    },
  };
}

/** Takes a name for this process alone, by an empty file that is replaced at once. False when the name is taken. */
async function reserve(target: string): Promise<boolean> {
  try {
    const file = await open(target, 'wx');
    await file.close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function refuse(cause: unknown, bytes: number): never {
  const code = errorCode(cause);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    throw new GalleryError('Expected to write to the gallery but its folder is read-only; change its permissions.', {
      cause,
    });
  }
  throw asDiskFull(cause, bytes, 'a gallery picture');
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
