import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

/** Knows the SHA-256 of weights, reading a file again only when it changed. */
export interface Digests {
  /**
   * One file: its SHA-256, as download pages show it. Several: the SHA-256 of their names and digests, in the order given.
   * Names are relative to `folder`. Rejects when a file is gone, or with the signal's reason.
   */
  of(folder: string, names: readonly string[], signal?: AbortSignal): Promise<string>;
}

const remembered = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));

/** Remembers digests in a JSON file by device, inode, size and time, so that a restart does not read gigabytes again. */
export function createDigests(file: string): Digests {
  const running = new Map<string, Promise<string>>();
  let known: Promise<Map<string, string>> | undefined;
  let writing = Promise.resolve();

  async function ofFile(location: string, signal: AbortSignal | undefined): Promise<string> {
    const key = await identity(location);
    known ??= readKnown(file);
    const digests = await known;
    const already = digests.get(key);
    if (already) return already;
    // A signal belongs to one caller, so only callers without one share their work.
    if (signal) return keep(digests, key, await hashFile(location, signal));
    const shared = running.get(key) ?? hashFile(location).then((digest) => keep(digests, key, digest));
    running.set(key, shared);
    return shared.finally(() => running.delete(key));
  }

  async function keep(digests: Map<string, string>, key: string, digest: string): Promise<string> {
    digests.set(key, digest);
    const write = writing.then(() => writeKnown(file, digests));
    writing = write.catch(() => undefined); // the writer's caller hears of it; the next one tries again
    await write;
    return digest;
  }

  return {
    async of(folder, names, signal) {
      const [only, ...others] = names;
      if (only !== undefined && others.length === 0) return ofFile(path.join(folder, only), signal);
      const whole = createHash('sha256');
      for (const name of names) whole.update(`${name}\0${await ofFile(path.join(folder, name), signal)}\n`);
      return whole.digest('hex');
    },
  };
}

async function identity(location: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await stat(location, { bigint: true });
  return [dev, ino, size, mtimeNs].join(':');
}

async function hashFile(location: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(location, { highWaterMark: 1 << 20, signal })) hash.update(part);
  return hash.digest('hex');
}

async function readKnown(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return new Map(Object.entries(parse(text)));
}

/** A damaged memory is forgotten: everything in it can be computed again. */
function parse(text: string): Record<string, string> {
  try {
    return remembered.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

async function writeKnown(file: string, digests: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.part`;
  await writeFile(unfinished, JSON.stringify(Object.fromEntries(digests), undefined, 1));
  await rename(unfinished, file);
}
