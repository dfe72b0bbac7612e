import { catalog } from '../../../nodes/catalog.ts';
import type { Graph } from '../../../nodes/graph.ts';
import { neededFor, targetsOf } from '../../../nodes/topology.ts';
import { client } from '../api.ts';
import { currentGraph } from '../document/document-store.ts';
import { recentRuns, runResults } from './recent-runs.ts';
import { useResults } from './results-store.ts';
import { adopt, hear } from './run-channel.ts';
import { useRun } from './run-store.ts';

/**
 * Hears of all runs over one connection until the signal says stop, takes up the run that goes on from before a reload, and
 * fills the strip with the pictures of earlier runs.
 */
export function followRuns(signal: AbortSignal): void {
  const subscription = client.runs.watchAll.subscribe(undefined, {
    onData: ({ data: { run, event } }) => {
      hear(run, event);
      if (event.type === 'run-end') addResults(run);
    },
  });
  signal.addEventListener('abort', () => subscription.unsubscribe());
  // Without the server there is nothing to take up; the connection above comes back by itself.
  takeUp().catch(() => undefined);
}

async function addResults(run: string): Promise<void> {
  useResults.getState().add(runResults(await client.runs.get.query({ run })), 'newest');
}

async function takeUp(): Promise<void> {
  const { id } = currentGraph();
  const runs = await recentRuns();
  const latest = runs.find((run) => run.graphId === id);
  if (latest && useRun.getState().phase === 'idle') {
    if (latest.state === 'queued' || latest.state === 'running')
      adopt(latest.id, takingPart(latest.graph, latest.targets));
    else useRun.getState().remembered(latest);
  }
  useResults.getState().add(runs.flatMap(runResults), 'oldest');
}

/** The nodes that a run of the graph works on. */
export const takingPart = (graph: Graph, targets?: readonly string[]): string[] => [
  ...neededFor(graph, targets ?? targetsOf(graph, catalog)),
];
