import * as z from 'zod';
import { graphSchema } from '../../nodes/graph.ts';
import { NotFound } from '../runs/errors.ts';
import { procedure, router } from './trpc.ts';

const graphId = z.string().min(1).max(200);
const revision = z.int().positive();

export const graphsRouter = router({
  list: procedure.query(({ ctx }) => ctx.machine.graphs.list()),

  /** The newest revision, or a given one. */
  get: procedure
    .input(z.object({ id: graphId, revision: revision.optional() }))
    .query(async ({ input, ctx }) => found(await ctx.machine.graphs.get(input.id, input.revision))),

  revisions: procedure
    .input(z.object({ id: graphId }))
    .query(({ input, ctx }) => ctx.machine.graphs.revisions(input.id)),

  /** CONFLICT with the stored revision in `data.revision` when it is not the one that the changes were made to. */
  save: procedure
    .input(
      z.object({
        id: graphId.exactOptional(),
        graph: graphSchema,
        baseRevision: z.int().nonnegative().exactOptional(),
      }),
    )
    .mutation(({ input, ctx }) => ctx.machine.graphs.save(input)),

  remove: procedure.input(z.object({ id: graphId })).mutation(({ input, ctx }) => ctx.machine.graphs.remove(input.id)),
});

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new NotFound('This graph is no longer there.');
  return value;
}
