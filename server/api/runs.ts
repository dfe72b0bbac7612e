import { tracked } from '@trpc/server';
import * as z from 'zod';
import { graphSchema } from '../../nodes/graph.ts';
import { NotFound } from '../runs/errors.ts';
import { seedPolicies } from '../runs/seeds.ts';
import { procedure, router } from './trpc.ts';

const runId = z.string().min(1).max(200);
const targets = z.array(z.string()).max(10_000).optional();
const order = z.object({
  /** The document itself, or the id of a saved one. */
  graph: graphSchema.optional(),
  graphId: z.string().max(200).optional(),
  revision: z.int().positive().optional(),
  /** Other values for parameters, by `node.param`. */
  inputs: z.record(z.string(), z.unknown()).optional(),
  targets,
  seeds: z.enum(seedPolicies).optional(),
  priority: z.enum(['interactive', 'batch']).optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
});
const page = z.object({
  limit: z.int().min(1).max(200).default(50),
  before: runId.optional(),
  graphId: z.string().max(200).optional(),
});

export const runsRouter = router({
  /** BAD_REQUEST with everything that is wrong in `data.problems` when the graph cannot run. */
  start: procedure.input(order).mutation(({ input, ctx }) => ctx.machine.runs.start(input)),

  stop: procedure.input(z.object({ run: runId })).mutation(({ input, ctx }) => ctx.machine.runs.stop(input.run)),

  get: procedure.input(z.object({ run: runId })).query(async ({ input, ctx }) => {
    const run = await ctx.machine.runs.get(input.run);
    if (!run) throw new NotFound('This run does not exist.');
    return run;
  }),

  /** The newest first; `before` is the last one of the page before. */
  list: procedure.input(page.prefault({})).query(({ input, ctx }) => ctx.machine.runs.list(input)),

  /** The runs that wait, the next one first. */
  waiting: procedure.query(({ ctx }) => ctx.machine.runs.waiting()),

  /** What would run and what is cached; executes nothing. */
  plan: procedure
    .input(z.object({ graph: graphSchema, targets }))
    .query(({ input, ctx }) => ctx.machine.plan(input.graph, input.targets)),

  /** What happened in a run and what happens. A client that reconnects sends `lastEventId` and misses nothing. */
  watch: procedure
    .input(z.object({ run: runId, lastEventId: z.coerce.number().int().nonnegative().default(0) }))
    .subscription(async function* ({ input, ctx, signal = new AbortController().signal }) {
      for await (const { seq, event } of ctx.machine.runs.follow(input.run, input.lastEventId, signal)) {
        yield tracked(String(seq), event);
      }
    }),

  /** The same for every run that has not ended and every run to come, over one connection. */
  watchAll: procedure
    .input(z.object({ lastEventId: z.string().max(100_000).optional() }).prefault({}))
    .subscription(async function* ({ input, ctx, signal = new AbortController().signal }) {
      for await (const { cursor, run, event } of ctx.machine.followAll(input.lastEventId, signal)) {
        yield tracked(cursor, { run, event });
      }
    }),
});
