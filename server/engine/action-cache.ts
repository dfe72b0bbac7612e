import { readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../store/file-errors.ts';
import { writeWholeFile } from '../store/whole-file.ts';
import { type CacheEntry, readEntry, writeEntry } from './cache-entry.ts';
import { type Evicted, evictFrom } from './cache-eviction.ts';
import { createTimings } from './cache-timings.ts';
import { digestOf, imagesIn } from './canonical.ts';
import { type Claims, createClaims } from './claims.ts';

/** What a cache needs of the content store. */
export interface CacheContent {
  has(digest: string): Promise<boolean>;
  isVerified(digest: string): boolean;
  size(digest: string): Promise<number | undefined>;
  remove(digest: string, youngerThan: number): Promise<number>;
}

/** A node's work, ready to be kept. */
export interface Work {
  readonly type: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly ms: number;
  readonly warnings: readonly string[];
  /** Images that the node wrote. */
  readonly made: ReadonlySet<string>;
  readonly pinned: boolean;
}

/** Results by recipe key, in files that processes and restarts share. */
export interface ActionCache extends Claims {
  /** A result in memory whose images are known to be whole. */
  recall(key: string): CacheEntry | undefined;
  /** A result from memory or disk. Nothing when there is none, or it or one of its images is damaged or gone. */
  lookup(key: string): Promise<CacheEntry | undefined>;
  /** Keeps the work. Throws TypeError for outputs that are no plain data; rejects with `DiskFullError`. */
  store(key: string, work: Work): Promise<CacheEntry>;
  /** Changes whether a result may be evicted. */
  pin(key: string, pinned: boolean): void;
  /** Milliseconds that a node of this type took last. */
  lastMs(type: string): number | undefined;
  /** Keeps results that a run used from eviction until it is disposed. */
  hold(): Disposable & { add(key: string): void };
  /** Makes room where more than the budget is used. Cheap where nothing is to be done; call it between runs. */
  evict(): Promise<Evicted>;
}

export interface ActionCacheOptions {
  readonly folder: string;
  readonly content: CacheContent;
  /** Bytes of results kept; pinned results and results in use may exceed it. */
  readonly budget: number;
  /** Results used within so many ms are not evicted, for the sake of other processes' runs. An hour by default. */
  readonly grace?: number;
}

const keptInMemory = 20_000;
const touchEvery = 60_000;
const countEvery = 600_000;

/** The cache in a folder, which is made when the first result comes. */
export function createActionCache({ folder, content, budget, grace = 3_600_000 }: ActionCacheOptions): ActionCache {
  const memory = new Map<string, CacheEntry>();
  const touched = new Map<string, number>();
  const held = new Set<ReadonlySet<string>>();
  // What is in use since it was last counted on the disk; other processes store there too.
  let used = 0;
  let counted = Number.NEGATIVE_INFINITY;
  const timings = createTimings(path.join(folder, 'timings.json'));
  const fileOf = (key: string) => path.join(folder, key.slice(0, 2), `${key}.json`);

  function remember(key: string, entry: CacheEntry): CacheEntry {
    memory.delete(key);
    memory.set(key, entry);
    const [oldest] = memory.keys();
    if (memory.size > keptInMemory && oldest !== undefined) memory.delete(oldest);
    return entry;
  }

  // Entries are a few hundred bytes: a synchronous read costs 20 µs, an asynchronous one five times as much.
  function readFile(key: string): CacheEntry | undefined {
    try {
      return readEntry(readFileSync(fileOf(key), 'utf8'));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  const writeFile = (key: string, entry: CacheEntry) => writeWholeFile(fileOf(key), writeEntry(entry), 'a result');

  // The time of the file says when a result was last used. Once a minute is enough for eviction.
  function touch(key: string): void {
    const now = Date.now();
    if (now - (touched.get(key) ?? 0) < touchEvery) return;
    touched.set(key, now);
    try {
      utimesSync(fileOf(key), now / 1000, now / 1000);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  function recall(key: string): CacheEntry | undefined {
    const entry = memory.get(key);
    if (!entry?.images.every((digest) => content.isVerified(digest))) return undefined;
    touch(key);
    return entry;
  }

  const isHeld = (key: string) => [...held].some((keys) => keys.has(key));

  async function isWhole({ images }: CacheEntry): Promise<boolean> {
    for (const digest of images) if (!(await content.has(digest))) return false;
    return true;
  }

  return {
    ...createClaims(),
    recall,
    async lookup(key) {
      const entry = recall(key) ?? readFile(key);
      if (!entry || !(await isWhole(entry))) {
        memory.delete(key);
        return undefined;
      }
      touch(key);
      return remember(key, entry);
    },
    async store(key, { type, outputs, ms, warnings, made, pinned }) {
      const digests = Object.fromEntries(Object.entries(outputs).map(([port, value]) => [port, digestOf(value)]));
      let bytes = 0;
      for (const digest of made) bytes += (await content.size(digest)) ?? 0;
      const images = [...imagesIn(outputs)];
      const entry = { type, outputs, digests, ms, warnings: [...warnings], images, made: [...made], bytes, pinned };
      writeFile(key, entry);
      used += bytes;
      touched.set(key, Date.now());
      timings.note(type, ms);
      return remember(key, entry);
    },
    pin(key, pinned) {
      const entry = memory.get(key) ?? readFile(key);
      if (!entry || entry.pinned === pinned) return;
      writeFile(key, remember(key, { ...entry, pinned }));
    },
    lastMs: timings.of,
    hold() {
      const keys = new Set<string>();
      held.add(keys);
      return {
        add: (key) => void keys.add(key),
        [Symbol.dispose]() {
          held.delete(keys);
          timings.save();
        },
      };
    },
    async evict() {
      const now = Date.now();
      if (used <= budget && now - counted < countEvery) return { keys: [], freed: 0, used };
      counted = now;
      const evicted = await evictFrom({ folder, content, budget, grace, isHeld });
      for (const key of evicted.keys) memory.delete(key);
      used = evicted.used;
      return evicted;
    },
  };
}
