import type { Machine } from '../machine.ts';
import { byteResponse, sentence } from './byte-response.ts';
import { mediaType } from './media-type.ts';

const digestPattern = /^[0-9a-f]{64}$/;
/** Widths that thumbnails are made in; a few, so that the disk does not fill with all of them. */
const widths = [64, 128, 256, 512, 1024];

type Pictures = Pick<Machine, 'content' | 'thumbnails' | 'previews'>;

/** A stored picture by its digest; never bytes that do not fit their digest. */
export async function imageResponse(request: Request, digest: string, pictures: Pictures): Promise<Response> {
  if (!digestPattern.test(digest)) return sentence(404, 'Expected the SHA-256 of a picture as its address.');
  const asked = new URL(request.url).searchParams;
  const width = asked.get('width');
  if (width !== null && !/^[1-9]\d{0,4}$/.test(width)) {
    return sentence(400, 'Expected a whole number of pixels for the width.');
  }
  try {
    if (width === null) {
      const bytes = new Uint8Array(await pictures.content.read(digest));
      const download = asked.get('download') ?? undefined;
      return byteResponse(request, { bytes, type: mediaType(bytes), tag: digest, download });
    }
    const size = widths.find((known) => known >= Number(width)) ?? 1024;
    const bytes = new Uint8Array(await pictures.thumbnails.read(digest, size));
    return byteResponse(request, { bytes, type: 'image/webp', tag: `${digest}-${size}` });
  } catch (error) {
    return refusal(error);
  }
}

/** A preview by its digest; it is gone soon after its run. */
export async function previewResponse(request: Request, digest: string, pictures: Pictures): Promise<Response> {
  const bytes = await pictures.previews.read(digest);
  if (!bytes) return sentence(404, 'This preview is no longer there.');
  return byteResponse(request, { bytes: new Uint8Array(bytes), type: 'image/webp', tag: digest });
}

/** Content that is gone, damaged or no picture is not found; anything else is an error of ours. */
function refusal(error: unknown): Response {
  if (error instanceof Error && (error.name === 'ContentError' || error.name === 'ImageError')) {
    return sentence(404, error.message);
  }
  throw error;
}
