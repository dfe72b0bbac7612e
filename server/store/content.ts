import { createHash, randomUUID } from 'node:crypto';
import { statSync, utimesSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { asDiskFull } from './disk-full.ts';
import { absent } from './file-errors.ts';

/** Thrown when content is not there, or was damaged and has been thrown away. Running again makes it anew. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
  readonly digest: string;
  readonly reason: 'missing' | 'damaged';
  constructor(digest: string, reason: 'missing' | 'damaged') {
    const found = reason === 'missing' ? 'it is no longer there' : 'the file was damaged';
    super(`Expected picture ${digest.slice(0, 12)} in the store but ${found}; run again, or choose the picture again.`);
    this.digest = digest;
    this.reason = reason;
  }
}

/** Bytes under their SHA-256. Several processes may share the folder: a name always means the same bytes. */
export interface ContentStore {
  /** Resolves to the digest once the bytes are on the disk. Rejects with `DiskFullError`. */
  write(bytes: Uint8Array): Promise<string>;
  /** The bytes, compared with their name. Rejects with `ContentError`; a damaged file is deleted. */
  read(digest: string): Promise<Uint8Array>;
  /** Whether undamaged content of this name is there. Reads the file only when it is new or changed. */
  has(digest: string): Promise<boolean>;
  /** The same from memory alone: false also when this process has not read the file yet. */
  isVerified(digest: string): boolean;
  /** Where the file lies or would lie. */
  path(digest: string): string;
  /** Bytes of the file, or nothing when it is not there. */
  size(digest: string): Promise<number | undefined>;
  /** Marks content as a person's own, such as an upload, so that `remove` leaves it. */
  keep(digest: string): Promise<void>;
  /** Deletes content unless it is kept or was written or used within `youngerThan` ms. Resolves to the bytes freed. */
  remove(digest: string, youngerThan: number): Promise<number>;
  /** Removes what interrupted writes left behind an hour ago or earlier. */
  sweep(): Promise<void>;
}

const digestPattern = /^[0-9a-f]{64}$/;
const hour = 3_600_000;

/** The store in a folder, which is made when the first bytes come. */
export function createContentStore(folder: string): ContentStore {
  // The identity (inode, size, time) of files whose bytes were compared with their name.
  const verified = new Map<string, string>();
  const fileOf = (digest: string) => {
    if (!digestPattern.test(digest)) throw new ContentError(digest, 'missing');
    return path.join(folder, digest.slice(0, 2), digest);
  };
  const keptFile = (digest: string) => `${fileOf(digest)}.kept`;

  // Synchronous: 3 µs against 40 for the asynchronous call, and a cached run asks for every picture.
  function identity(digest: string): string | undefined {
    const found = statSync(fileOf(digest), { throwIfNoEntry: false });
    return found && `${found.ino}:${found.size}:${found.mtimeMs}`;
  }
  const isVerified = (digest: string) => {
    const known = verified.get(digest);
    return known !== undefined && known === identity(digest);
  };
  function remember(digest: string): void {
    const current = identity(digest);
    if (current) verified.set(digest, current);
  }

  async function read(digest: string): Promise<Uint8Array> {
    const file = fileOf(digest);
    const bytes = await readFile(file).catch(absent);
    if (!bytes) throw new ContentError(digest, 'missing');
    if (sha256(bytes) !== digest) {
      await rm(file, { force: true });
      verified.delete(digest);
      throw new ContentError(digest, 'damaged');
    }
    remember(digest);
    return bytes;
  }

  async function has(digest: string): Promise<boolean> {
    if (isVerified(digest)) return true;
    try {
      await read(digest);
      return true;
    } catch (error) {
      if (error instanceof ContentError) return false;
      throw error;
    }
  }

  async function write(bytes: Uint8Array): Promise<string> {
    const digest = sha256(bytes);
    if (await has(digest)) {
      touch(digest);
      return digest;
    }
    const part = path.join(folder, '.part', randomUUID());
    try {
      await mkdir(path.dirname(part), { recursive: true });
      await mkdir(path.dirname(fileOf(digest)), { recursive: true });
      await writeDurably(part, bytes);
      await rename(part, fileOf(digest));
    } catch (error) {
      await rm(part, { force: true });
      throw asDiskFull(error, bytes.length, 'a picture');
    }
    remember(digest);
    return digest;
  }

  // Content that is in use again counts as young, so that no other process removes it meanwhile.
  function touch(digest: string): void {
    const now = new Date();
    utimesSync(fileOf(digest), now, now);
    remember(digest);
  }

  return {
    write,
    read,
    has,
    isVerified,
    path: fileOf,
    size: async (digest) => (await stat(fileOf(digest)).catch(absent))?.size,
    async keep(digest) {
      await using handle = await open(keptFile(digest), 'a');
      await handle.sync();
    },
    async remove(digest, youngerThan) {
      const found = await stat(fileOf(digest)).catch(absent);
      if (!found || Date.now() - found.mtimeMs < youngerThan) return 0;
      if (await stat(keptFile(digest)).catch(absent)) return 0;
      await rm(fileOf(digest), { force: true });
      verified.delete(digest);
      return found.size;
    },
    async sweep() {
      const parts = path.join(folder, '.part');
      for (const name of (await readdir(parts).catch(absent)) ?? []) {
        const found = await stat(path.join(parts, name)).catch(absent);
        if (found && Date.now() - found.mtimeMs > hour) await rm(path.join(parts, name), { force: true });
      }
    },
  };
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, 'wx');
  await handle.writeFile(bytes);
  await handle.sync();
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
