import { uploadResponse } from '../../server/api/upload-response.ts';
import { guarded } from '../../server/guard.ts';
import { machine } from '../../server/machine.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Takes the bytes of a picture file and gives its address in the content store. */
export const POST = guarded(async (request) => uploadResponse(request, await machine()));
