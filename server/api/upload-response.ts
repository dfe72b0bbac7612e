import type { Machine } from '../machine.ts';
import { sentence } from './byte-response.ts';
import { limitedBody } from './limited-body.ts';

const megabytes = 64;

/** Stores the picture in the request's body and answers with its address: digest, width and height. */
export async function uploadResponse(request: Request, { images }: Pick<Machine, 'images'>): Promise<Response> {
  const bytes = await limitedBody(request, megabytes * 1024 * 1024);
  if (!bytes) return sentence(413, `Expected a picture of at most ${megabytes} MB; make it smaller first.`);
  try {
    return Response.json(await images.accept(bytes, request.signal));
  } catch (error) {
    if (error instanceof Error && error.name === 'ImageError') return sentence(415, error.message);
    if (error instanceof Error && error.name === 'DiskFullError') return sentence(507, error.message);
    throw error;
  }
}
