import * as z from 'zod';
import { sha256 } from './canonical.ts';

const digests = z.array(z.string());

const entrySchema = z.object({
  /** The node type, for the time it takes. */
  type: z.string(),
  outputs: z.record(z.string(), z.unknown()),
  /** The digest of each output. */
  digests: z.record(z.string(), z.string()),
  /** Milliseconds that making it took. */
  ms: z.number().nonnegative(),
  warnings: z.array(z.string()),
  /** Every image that the outputs name. */
  images: digests,
  /** Those of them that came into being here; only these may go when the entry goes. */
  made: digests,
  /** Bytes of what was made. */
  bytes: z.number().nonnegative(),
  /** Never evicted. */
  pinned: z.boolean(),
});

/** What is kept of a node's work. */
export type CacheEntry = z.output<typeof entrySchema>;

const opening = '{"sum":"';
const middle = '","entry":';
const sumLength = 64;

/** The entry as the text of a file, with a checksum over its bytes. */
export function writeEntry(entry: CacheEntry): string {
  const body = JSON.stringify(entry, (_key, value: unknown) =>
    typeof value === 'bigint' ? { $bigint: String(value) } : value,
  );
  return `${opening}${sha256(body)}${middle}${body}}`;
}

/** The entry in the text of a file, or nothing when the file was cut short, damaged or written by another version. */
export function readEntry(text: string): CacheEntry | undefined {
  const sum = text.slice(opening.length, opening.length + sumLength);
  const body = text.slice(opening.length + sumLength + middle.length, -1);
  if (!text.startsWith(opening) || sha256(body) !== sum) return undefined;
  return entrySchema.safeParse(JSON.parse(body, revive)).data;
}

function revive(_key: string, value: unknown): unknown {
  const tagged = typeof value === 'object' && value !== null && '$bigint' in value && Object.keys(value).length === 1;
  return tagged && typeof value.$bigint === 'string' ? BigInt(value.$bigint) : value;
}
