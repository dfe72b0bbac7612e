import { fsyncSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Init = NodeFS['init'];

/**
 * PGlite's folder on the disk, but with `fsync` passed on to the system: PGlite leaves it out, and a commit would survive
 * a killed process but not a power cut. Costs some milliseconds for each commit.
 */
export class DurableFileSystem extends NodeFS {
  override async init(...given: Parameters<Init>): ReturnType<Init> {
    const result = await super.init(...given);
    result.emscriptenOpts.preRun?.push((module) => {
      module.NODEFS.stream_ops.fsync = (stream: { nfd: number }) => {
        fsyncSync(stream.nfd);
        return 0;
      };
    });
    return result;
  }
}

/** PGlite starts PostgreSQL with `-F`, which is no fsync at all; and fdatasync, the default method, does nothing here. */
export const durableStartParams = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  '-c',
  'wal_sync_method=fsync',
];
