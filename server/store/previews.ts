import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Pixels } from '../../models/contracts.ts';
import { encodeSmall } from '../../models/pixels.ts';
import { absent } from './file-errors.ts';

/** Small WebP pictures of unfinished work, by digest. They are looked at once and then swept. */
export interface Previews {
  /** Resolves to the SHA-256 of the stored file, which is its name. */
  write(pixels: Pixels): Promise<string>;
  /** The WebP, or nothing when it was swept or never was. */
  read(digest: string): Promise<Uint8Array | undefined>;
  /** Removes previews that nobody can be waiting for any more: ten minutes old. */
  sweep(): Promise<void>;
}

const longestSide = 256;
const keptFor = 600_000;

/** The previews in a folder, which is made when the first one comes. */
export function createPreviews(folder: string, now: () => number = Date.now): Previews {
  const fileOf = (digest: string) => path.join(/* turbopackIgnore: true */ folder, `${digest}.webp`);
  return {
    async write(pixels) {
      const bytes = await encodeSmall(pixels, { format: 'webp', quality: 80, side: longestSide });
      const digest = createHash('sha256').update(bytes).digest('hex');
      const part = path.join(/* turbopackIgnore: true */ folder, `.${randomUUID()}`);
      await mkdir(folder, { recursive: true });
      await writeFile(part, bytes);
      await rename(part, fileOf(digest));
      return digest;
    },
    async read(digest) {
      return /^[0-9a-f]{64}$/.test(digest) ? readFile(fileOf(digest)).catch(absent) : undefined;
    },
    async sweep() {
      for (const name of (await readdir(folder).catch(absent)) ?? []) {
        const file = path.join(folder, name);
        const found = await stat(file).catch(absent);
        if (found && now() - found.mtimeMs > keptFor) await rm(file, { force: true });
      }
    },
  };
}
