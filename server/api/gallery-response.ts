import { createHash } from 'node:crypto';
import type { Machine } from '../machine.ts';
import { byteResponse, sentence } from './byte-response.ts';

/** A kept picture by its place in the gallery, `YYYY/MM/DD/name.png`: the very file, with the graph inside. */
export async function galleryResponse(
  request: Request,
  place: readonly string[],
  { gallery }: Pick<Machine, 'gallery'>,
): Promise<Response> {
  try {
    const bytes = new Uint8Array(await gallery.read(place.join('/')));
    const tag = createHash('sha256').update(bytes).digest('hex');
    const download = new URL(request.url).searchParams.get('download') ?? undefined;
    // Whoever owns the folder may put another picture under the same name.
    return byteResponse(request, { bytes, type: 'image/png', tag, changeable: true, download });
  } catch (error) {
    if (error instanceof Error && error.name === 'GalleryError') return sentence(404, error.message);
    throw error;
  }
}
