import { initTRPC } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import superjson from 'superjson';
import type { Machine } from '../machine.ts';
import { detailsOf, shownError } from './errors.ts';

/** What every procedure is given. */
export interface ApiContext {
  readonly machine: Machine;
}

const trpc = initTRPC.context<ApiContext>().create({
  transformer: superjson,
  isDev: false,
  sse: { ping: { enabled: true, intervalMs: 5000 }, client: { reconnectAfterInactivityMs: 15_000 } },
  // Subscriptions fail after the middleware below is left, so that errors are translated here too; a second
  // translation changes nothing.
  errorFormatter({ shape, error }) {
    const shown = shownError(error);
    const { code } = shown;
    const data = { ...shape.data, code, httpStatus: getHTTPStatusCodeFromError(shown), ...detailsOf(shown) };
    // A client tries again after an error of the server, and only then: it reads this number.
    return { message: shown.message, code: TRPC_ERROR_CODES_BY_KEY[code], data };
  },
});

const translated = trpc.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw shownError(result.error);
  return result;
});

/** Anyone who passes the guard may call it. */
export const procedure = trpc.procedure.use(translated);
export const { router, createCallerFactory } = trpc;
