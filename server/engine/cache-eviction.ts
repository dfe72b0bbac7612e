import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { absent } from '../store/file-errors.ts';
import type { CacheContent } from './action-cache.ts';
import { type CacheEntry, readEntry } from './cache-entry.ts';

export interface Evicted {
  readonly keys: readonly string[];
  /** Bytes given back to the disk. */
  readonly freed: number;
  /** Bytes of results that are left. */
  readonly used: number;
}

interface Place {
  readonly folder: string;
  readonly content: CacheContent;
  readonly budget: number;
  readonly grace: number;
  readonly isHeld: (key: string) => boolean;
}

const hour = 3_600_000;

interface Stored {
  readonly key: string;
  readonly file: string;
  readonly entry: CacheEntry;
  readonly fileBytes: number;
  /** Milliseconds since it was last used. */
  readonly age: number;
}

/** Removes results until the budget is met: first what is old, large and quick to make again. */
export async function evictFrom({ folder, content, budget, grace, isHeld }: Place): Promise<Evicted> {
  const stored = await storedIn(folder);
  const users = new Map<string, number>();
  for (const { entry } of stored) for (const digest of digestsOf(entry)) add(users, digest, 1);
  let total = stored.reduce((sum, { entry, fileBytes }) => sum + entry.bytes + fileBytes, 0);

  // A tenth more than needed, so that not every run has to evict.
  const goal = total > budget ? budget * 0.9 : budget;

  const keys: string[] = [];
  let freed = 0;
  const candidates = stored.filter(({ key, entry, age }) => !entry.pinned && !isHeld(key) && age >= grace);
  for (const { key, file, entry, fileBytes } of candidates.sort((a, b) => scoreOf(b) - scoreOf(a))) {
    if (total <= goal) break;
    await rm(file, { force: true });
    keys.push(key);
    freed += fileBytes;
    total -= entry.bytes + fileBytes;
    for (const digest of digestsOf(entry)) add(users, digest, -1);
    for (const digest of entry.made) if (users.get(digest) === 0) freed += await content.remove(digest, grace);
  }
  return { keys, freed, used: total };
}

/** age × bytes ÷ milliseconds to make it again. */
const scoreOf = ({ age, entry, fileBytes }: Stored) => (age * (entry.bytes + fileBytes)) / Math.max(1, entry.ms);

const digestsOf = ({ images, made }: CacheEntry) => new Set([...images, ...made]);
const add = (counts: Map<string, number>, key: string, by: number) => counts.set(key, (counts.get(key) ?? 0) + by);

async function storedIn(folder: string): Promise<Stored[]> {
  const found: Stored[] = [];
  for (const part of (await readdir(folder).catch(absent)) ?? []) {
    if (!/^[0-9a-f]{2}$/.test(part)) continue;
    for (const name of (await readdir(path.join(folder, part)).catch(absent)) ?? []) {
      const file = path.join(folder, part, name);
      const stored = name.endsWith('.json') ? await storedAt(file, name.slice(0, -5)) : await removeLeftOver(file);
      if (stored) found.push(stored);
    }
  }
  return found;
}

/** Nothing when another process evicted it meanwhile. A damaged entry is removed: it is a miss for everyone. */
async function storedAt(file: string, key: string): Promise<Stored | undefined> {
  const found = await stat(file).catch(absent);
  const text = await readFile(file, 'utf8').catch(absent);
  if (!found || text === undefined) return undefined;
  const entry = readEntry(text);
  if (!entry) {
    await rm(file, { force: true });
    return undefined;
  }
  return { key, file, entry, fileBytes: found.size, age: Math.max(0, Date.now() - found.mtimeMs) };
}

/** What an interrupted write left behind; a young one may be another process's work. */
async function removeLeftOver(file: string): Promise<undefined> {
  const found = await stat(file).catch(absent);
  if (found && Date.now() - found.mtimeMs > hour) await rm(file, { force: true });
}
