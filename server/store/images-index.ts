import { and, desc, eq, lt } from 'drizzle-orm';
import { images } from '../../drizzle/schema.ts';
import type { Database, Statements } from './database.ts';

/** A picture that a run kept in the gallery. */
export interface KeptPicture {
  /** Below the gallery's folder. */
  readonly file: string;
  readonly digest: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** The node that kept it. */
  readonly node: string;
}
export interface IndexedPicture extends KeptPicture {
  /** Later pictures have larger ones. */
  readonly number: number;
  readonly runId: string;
  readonly createdAt: Date;
}

/** Notes the pictures of a run. A file that is known keeps its row: the run that kept it first. */
export async function indexPictures(
  { orm }: Statements,
  runId: string,
  pictures: readonly KeptPicture[],
): Promise<void> {
  for (const { file, digest, width, height, node } of pictures) {
    await orm
      .insert(images)
      .values({ file, digest, width, height, node, runId })
      .onConflictDoUpdate({ target: images.file, set: { digest, width, height } });
  }
}

export interface PicturePage {
  readonly limit: number;
  /** Only pictures with smaller numbers. */
  readonly before?: number;
  readonly runId?: string;
}

/** Kept pictures, the newest first. */
export const listPictures = ({ orm }: Database, { limit, before, runId }: PicturePage): Promise<IndexedPicture[]> =>
  orm
    .select()
    .from(images)
    .where(
      and(
        before === undefined ? undefined : lt(images.number, before),
        runId === undefined ? undefined : eq(images.runId, runId),
      ),
    )
    .orderBy(desc(images.number))
    .limit(limit);
