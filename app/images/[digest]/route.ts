import { imageResponse } from '../../../server/api/image-response.ts';
import { guarded } from '../../../server/guard.ts';
import { machine } from '../../../server/machine.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

interface Place {
  readonly params: Promise<{ digest: string }>;
}

/** A stored picture; with `?width=256` a thumbnail, with `?download=name` as a file. */
export const GET = guarded(async (request, { params }: Place) =>
  imageResponse(request, (await params).digest, await machine()),
);
