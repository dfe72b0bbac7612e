/** Bytes as a browser wants them. */
export interface Served {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Names these very bytes. */
  readonly tag: string;
  /** Whether the same address may give other bytes one day; otherwise browsers keep it for ever. */
  readonly changeable?: boolean;
  /** Offers the bytes as a file of this name instead of showing them. */
  readonly download?: string | undefined;
}

const year = 31_536_000;

/** The whole, a part (RFC 9110, section 14: one range), or the news that nothing changed. */
export function byteResponse(request: Request, { bytes, type, tag, changeable, download }: Served): Response {
  const etag = `"${tag}"`;
  const headers = new Headers({
    etag,
    'cache-control': changeable ? 'private, no-cache' : `private, max-age=${year}, immutable`,
    'accept-ranges': 'bytes',
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  if (download !== undefined) headers.set('content-disposition', disposition(download));
  if (matches(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });

  const range = rangeOf(request.headers, etag, bytes.length);
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${bytes.length}`);
    headers.set('content-type', 'text/plain; charset=utf-8');
    return new Response(`Expected a range within the ${bytes.length} bytes of this file.`, { status: 416, headers });
  }
  const part = range ? bytes.subarray(range.start, range.end) : bytes;
  if (range) headers.set('content-range', `bytes ${range.start}-${range.end - 1}/${bytes.length}`);
  headers.set('content-length', String(part.length));
  return new Response(request.method === 'HEAD' ? null : part, { status: range ? 206 : 200, headers });
}

/** A failure as a plain sentence. */
export const sentence = (status: number, text: string): Response =>
  new Response(text, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });

function matches(given: string | null, etag: string): boolean {
  if (given === null) return false;
  const tags = given.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/** Half open. A header that is no single byte range is ignored, as the standard asks. */
function rangeOf(headers: Headers, etag: string, length: number) {
  const found = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range')?.trim() ?? '');
  const condition = headers.get('if-range');
  if (!found || (condition !== null && condition !== etag)) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return undefined;
  if (first === '')
    return Number(last) > 0 ? { start: Math.max(0, length - Number(last)), end: length } : 'unsatisfiable';
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= length) return 'unsatisfiable';
  return { start: Number(first), end: last === '' ? length : Math.min(length, Number(last) + 1) };
}

/** The name twice: in ASCII for old programs, and exactly (RFC 6266). */
function disposition(name: string): string {
  // Going through UTF-8 replaces halves of characters, which cannot be encoded.
  const plain = Buffer.from(name.replace(/[\p{Cc}/\\]/gu, '-')).toString();
  const ascii = plain.replace(/[^\x20-\x7e]|["%]/g, '_');
  const exact = encodeURIComponent(plain).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`;
}
