import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { thumbnail } from '../../models/pixels.ts';
import type { ContentStore } from './content.ts';
import { absent } from './file-errors.ts';
import { defaultPictureLimits } from './images.ts';

/** Smaller copies of stored pictures as WebP, made when first asked for and kept as files. */
export interface Thumbnails {
  /** At most `width` px wide. Rejects as `ContentStore.read` does, and with `ImageError` for content that is no picture. */
  read(digest: string, width: number): Promise<Uint8Array>;
}

/** The thumbnails in a folder, which can be deleted at any time. */
export function createThumbnails(folder: string, content: ContentStore): Thumbnails {
  return {
    async read(digest, width) {
      const file = path.join(folder, digest.slice(0, 2), `${digest}-${width}.webp`);
      const kept = await readFile(file).catch(absent);
      if (kept && kept.length > 0) return kept;
      const made = await thumbnail(await content.read(digest), width, defaultPictureLimits);
      const part = `${file}.${randomUUID()}`;
      await mkdir(path.dirname(file), { recursive: true });
      try {
        await writeFile(part, made);
        await rename(part, file);
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
      return made;
    },
  };
}
