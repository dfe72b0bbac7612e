import path from 'node:path';

/** Where Aria keeps what it makes and needs: absolute paths below one folder. Whoever writes there makes the folders. */
export interface DataFolder {
  readonly root: string;
  /** Images and other results by SHA-256. */
  readonly content: string;
  /** Which results belong to which recipe key. */
  readonly cache: string;
  /** Checkpoints, upscalers and face networks that people install. */
  readonly models: string;
  /** Kept pictures, as YYYY/MM/DD/name.png. */
  readonly gallery: string;
  /** Small pictures of unfinished work, swept soon. */
  readonly previews: string;
  readonly database: string;
  /** The socket that proves which process owns the database; stands beside it, not in it. */
  readonly ownerSocket: string;
  /** Digests of model files, remembered by device, inode, size and time. */
  readonly digests: string;
}

/** The folder at `root`, or at ARIA_DATA, or `data` in the working directory. Touches no disk. */
export function dataFolderAt(root = process.env.ARIA_DATA || 'data'): DataFolder {
  // The comment keeps Next's bundler from packing the whole project because of a path it cannot foresee.
  const absolute = path.resolve(/* turbopackIgnore: true */ process.cwd(), root);
  const below = (name: string) => path.join(/* turbopackIgnore: true */ absolute, name);
  return {
    root: absolute,
    content: below('content'),
    cache: below('cache'),
    models: below('models'),
    gallery: below('gallery'),
    previews: below('previews'),
    database: below('pg'),
    ownerSocket: below('owner.sock'),
    digests: below('digests.json'),
  };
}
