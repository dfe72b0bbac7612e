import { TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import type { Machine } from '../machine.ts';
import { limitedBody } from './limited-body.ts';
import { appRouter } from './router.ts';

// A graph of a thousand nodes is about 300 kB.
const largestInput = 16 * 1024 * 1024;

/** Answers one request to the API: a query, a mutation, or a subscription as server-sent events. */
export async function apiResponse(request: Request, machine: Machine): Promise<Response> {
  const body = request.method === 'POST' ? await limitedBody(request, largestInput) : null;
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: withBody(request, body ?? null),
    router: appRouter,
    createContext() {
      // Thrown here they reach the client as any other error does.
      if (body === undefined) throw tooLarge();
      if (!isJson(body ? Buffer.from(body).toString() : new URL(request.url).searchParams.get('input'))) throw noJson();
      return { machine };
    },
  });
}

/** The request again with a body that was read already. */
function withBody(request: Request, body: Uint8Array<ArrayBuffer> | null): Request {
  if (request.method !== 'POST') return request;
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body });
}

// tRPC reads it again, but a text that is no JSON would be an error of ours there.
function isJson(text: string | null): boolean {
  if (text === null) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const tooLarge = () =>
  new TRPCError({
    code: 'PAYLOAD_TOO_LARGE',
    message: `Expected at most ${largestInput / 1024 / 1024} MB of input; send pictures to /uploads instead.`,
  });
const noJson = () =>
  new TRPCError({ code: 'PARSE_ERROR', message: 'Expected JSON as the input but received something else.' });
