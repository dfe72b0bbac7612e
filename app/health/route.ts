import { guarded } from '../../server/guard.ts';
import { machine } from '../../server/machine.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Says which server answers here, so that the command line does not take another one for it. */
export const GET = guarded(async () => Response.json({ instance: (await machine()).instance }));
