import { procedure, router } from './trpc.ts';

export const modelsRouter = router({
  /** Every model that can be chosen; broken files are listed with the reason. */
  list: procedure.query(({ ctx }) => ctx.machine.models()),
});
