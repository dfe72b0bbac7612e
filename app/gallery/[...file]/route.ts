import { galleryResponse } from '../../../server/api/gallery-response.ts';
import { guarded } from '../../../server/guard.ts';
import { machine } from '../../../server/machine.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

interface Place {
  readonly params: Promise<{ file: string[] }>;
}

/** A kept picture by its place in the gallery, as the Save node gives it: the file itself, with its graph inside. */
export const GET = guarded(async (request, { params }: Place) =>
  galleryResponse(request, (await params).file, await machine()),
);
