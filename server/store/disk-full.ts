import { errorCode } from './file-errors.ts';

/** Thrown when there is no room left to write. The message is a whole sentence for the person. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';
  constructor(bytes: number, what: string, cause: unknown) {
    const size = bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
    super(`Expected room for ${what} of ${size} but the disk is full; free some space and run again.`, { cause });
  }
}

/** The error itself, or a `DiskFullError` in place of the system's codes for a full disk or quota. */
export function asDiskFull(error: unknown, bytes: number, what: string): unknown {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? new DiskFullError(bytes, what, error) : error;
}
