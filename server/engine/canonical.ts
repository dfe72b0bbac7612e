import { hash } from 'node:crypto';

/**
 * A value as text, the same for equal values only: sorted keys, NFC strings, -0 as 0, whole numbers of any size told apart
 * from text. A stored image counts by its digest. Throws TypeError for what has no canonical form: NaN, infinities,
 * functions and objects with a class.
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.normalize('NFC'));
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`Expected a finite number but received ${value}.`);
      return String(value === 0 ? 0 : value);
    case 'boolean':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
      return isImage(value) ? `image:${value.digest}` : canonicalObject(value);
    default:
      throw new TypeError(`Expected plain data but received ${typeof value}.`);
  }
}

function canonicalObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`Expected plain data but received ${value.constructor.name}.`);
  }
  const parts: string[] = [];
  for (const [key, item] of Object.entries(value).sort(byKey)) {
    if (item !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(item)}`);
  }
  return `{${parts.join()}}`;
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

/** SHA-256 of the canonical text of a value. */
export const digestOf = (value: unknown): string => sha256(canonical(value));

/** SHA-256 of text (as UTF-8) or bytes, in lower-case hexadecimal. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data);

/** Whether a value is the address of a stored image. */
export function isImage(value: object): value is { digest: string } {
  return 'digest' in value && 'width' in value && 'height' in value && typeof value.digest === 'string';
}

/** The digests of all images that a value names, each once. */
export function imagesIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  if (isImage(value)) return found.add(value.digest);
  for (const item of Object.values(value)) imagesIn(item, found);
  return found;
}
