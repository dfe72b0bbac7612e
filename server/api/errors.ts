import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import * as z from 'zod';
import type { Problem } from '../../nodes/problems.ts';

type Code = TRPCError['code'];

/** The errors that are meant for the person, by name: Next loads modules twice, and `instanceof` fails across copies. */
const meant: ReadonlyMap<string, Code> = new Map<string, Code>([
  ['ProblemsError', 'BAD_REQUEST'],
  ['GraphError', 'BAD_REQUEST'],
  ['InputError', 'BAD_REQUEST'],
  ['ImageError', 'BAD_REQUEST'],
  ['ExecutorRefusal', 'BAD_REQUEST'],
  ['RevisionConflictError', 'CONFLICT'],
  ['NotFound', 'NOT_FOUND'],
]);

/**
 * Any error as one that may be shown: the errors meant for the person keep their sentence, everything else becomes a
 * sentence with a reference and is written to the log in full, so that no path, stack or secret leaves the server.
 */
export function shownError(error: unknown, log: (line: string, error: unknown) => void = console.error): TRPCError {
  if (error instanceof TRPCError) return error.cause === undefined ? error : shownCause(error, error.cause, log);
  if (!(error instanceof Error)) return hidden(error, log);
  const code = meant.get(error.name);
  return code ? new TRPCError({ code, message: error.message, cause: error }) : hidden(error, log);
}

function shownCause(error: TRPCError, cause: Error, log: (line: string, error: unknown) => void): TRPCError {
  // Translated before, on its way through another layer.
  if (cause instanceof Reference || meant.get(cause.name) === error.code) return error;
  if (cause instanceof z.core.$ZodError) return refusedInput(cause);
  return shownError(cause, log);
}

function refusedInput(cause: z.core.$ZodError): TRPCError {
  const [issue] = cause.issues;
  const place = issue && issue.path.length > 0 ? `"${issue.path.join('.')}"` : 'the input';
  return new TRPCError({ code: 'BAD_REQUEST', message: `Expected another value for ${place}: ${issue?.message}.` });
}

/** Stands for an error that stays in the log. */
class Reference extends Error {
  override readonly name = 'Reference';
}

function hidden(error: unknown, log: (line: string, error: unknown) => void): TRPCError {
  const reference = randomUUID().slice(0, 8);
  log(`error ${reference}`, error);
  return new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: `Something went wrong inside Aria. The server's log has the details under ${reference}.`,
    cause: new Reference(reference),
  });
}

const carried = z.object({
  problems: z.array(z.custom<Problem>()).optional(),
  current: z.number().optional(),
});

/** What a client learns about a failure besides its sentence. */
export interface ErrorDetails {
  /** Everything that is wrong with the graph. */
  readonly problems?: readonly Problem[];
  /** The revision that is stored. */
  readonly revision?: number;
}

/** The facts that an error carries for the client. */
export function detailsOf(error: TRPCError): ErrorDetails {
  const { problems, current } = carried.safeParse(error.cause).data ?? {};
  return { ...(problems && { problems }), ...(current !== undefined && { revision: current }) };
}
