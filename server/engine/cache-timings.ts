import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { DiskFullError } from '../store/disk-full.ts';
import { errorCode } from '../store/file-errors.ts';
import { writeWholeFile } from '../store/whole-file.ts';

/** How long each type of node took last, for plans. */
export interface Timings {
  of(type: string): number | undefined;
  note(type: string, ms: number): void;
  /** Writes what changed. The last process to write wins: the numbers are estimates. */
  save(): void;
}

const timingsSchema = z.record(z.string(), z.number().nonnegative());

/** Timings in one small file, read when they are first asked for. */
export function createTimings(file: string): Timings {
  let known: Map<string, number> | undefined;
  let changed = false;
  const all = () => {
    known ??= new Map(Object.entries(read(file)));
    return known;
  };
  return {
    of: (type) => all().get(type),
    note(type, ms) {
      all().set(type, Math.round(ms));
      changed = true;
    },
    save() {
      if (!changed) return;
      try {
        writeWholeFile(file, JSON.stringify(Object.fromEntries(all())), 'a few numbers');
        changed = false;
      } catch (error) {
        // A run must not fail for its estimates. A disk that is full has failed it already, in its own words.
        if (!(error instanceof DiskFullError)) throw error;
      }
    },
  };
}

/** A damaged file is as good as none: nothing but estimates is lost. */
function read(file: string): Record<string, number> {
  try {
    return timingsSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? {};
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}
