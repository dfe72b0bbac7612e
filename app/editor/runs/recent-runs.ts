import type { inferRouterOutputs } from '@trpc/server';
import { catalog } from '../../../nodes/catalog.ts';
import { targetsOf } from '../../../nodes/topology.ts';
import type { AppRouter } from '../../../server/api/router.ts';
import { client } from '../api.ts';
import type { Result } from './results-store.ts';
import { picturesIn } from './run-state.ts';

/** A run with its graph and what its nodes made. */
export type RunRecord = inferRouterOutputs<AppRouter>['runs']['get'];

const howMany = 24;

/** The latest runs, the newest first. */
export async function recentRuns(): Promise<RunRecord[]> {
  const runs = await client.runs.list.query({ limit: howMany });
  return Promise.all(runs.map(({ id }) => client.runs.get.query({ run: id })));
}

/** The pictures that a run worked towards. */
export function runResults({ id, graph, targets, nodes }: RunRecord): Result[] {
  return (targets ?? targetsOf(graph, catalog)).flatMap((node) =>
    picturesIn(nodes[node]?.outputs ?? {}).map((picture) => ({ picture, run: id, node })),
  );
}
