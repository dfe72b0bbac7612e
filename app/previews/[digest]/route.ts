import { previewResponse } from '../../../server/api/image-response.ts';
import { guarded } from '../../../server/guard.ts';
import { machine } from '../../../server/machine.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

interface Place {
  readonly params: Promise<{ digest: string }>;
}

/** A small picture of unfinished work, while it is there. */
export const GET = guarded(async (request, { params }: Place) =>
  previewResponse(request, (await params).digest, await machine()),
);
