import { graphsRouter } from './graphs.ts';
import { modelsRouter } from './models.ts';
import { nodesRouter } from './nodes.ts';
import { runsRouter } from './runs.ts';
import { createCallerFactory, router } from './trpc.ts';

/** The API of Aria: what the editor, scripts and the command line can ask for. */
export const appRouter = router({
  graphs: graphsRouter,
  runs: runsRouter,
  nodes: nodesRouter,
  models: modelsRouter,
});
/** The type that a client imports; it brings no code along. */
export type AppRouter = typeof appRouter;

/** Calls the API without HTTP. */
export const createCaller = createCallerFactory(appRouter);
