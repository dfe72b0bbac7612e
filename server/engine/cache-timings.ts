import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { errorCode } from '../store/file-errors.ts';

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
      const part = `${file}.${randomUUID()}`;
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(part, JSON.stringify(Object.fromEntries(all())));
      renameSync(part, file);
      changed = false;
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
