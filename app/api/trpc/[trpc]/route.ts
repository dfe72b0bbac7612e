import { apiResponse } from '../../../../server/api/api-response.ts';
import { guarded } from '../../../../server/guard.ts';
import { machine } from '../../../../server/machine.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

const handler = guarded(async (request) => apiResponse(request, await machine()));

export { handler as GET, handler as POST };
