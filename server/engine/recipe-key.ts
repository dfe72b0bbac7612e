import { canonical, sha256 } from './canonical.ts';

/** Raised when the meaning of keys or of stored results changes, so that nothing older is found. */
const epoch = 1;

/** Everything that a result depends on. Titles, positions and the names of nodes are no part of it. */
export interface Recipe {
  readonly type: string;
  readonly version: number;
  /** Parsed, with defaults filled in. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The digest of what comes in, for each connected input port. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly fingerprint: string;
}

/** Equal keys mean equal results. Inputs count by digest, so a change that alters nothing stops where it alters nothing. */
export function recipeKey({ type, version, params, inputs, fingerprint }: Recipe): string {
  return sha256(canonical({ epoch, type, version, params, inputs, fingerprint }));
}
