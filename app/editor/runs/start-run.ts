import { toast } from 'sonner';
import { problemsIn } from '../../../nodes/problems.ts';
import { client } from '../api.ts';
import { useChecks } from '../document/checks-store.ts';
import { currentGraph, perform } from '../document/document-store.ts';
import { saveNow } from '../document/saving.ts';
import { renewSeeds } from '../fields/seeds.ts';
import { useSettings } from '../settings-store.ts';
import { sentenceOf } from '../words.ts';
import { takingPart } from './follow-runs.ts';
import { adopt } from './run-channel.ts';
import { useRun } from './run-store.ts';

/** Runs the graph as it is drawn, or says why it cannot. A run that goes on gives way. */
export async function startRun(): Promise<void> {
  const { models } = useChecks.getState();
  const refused = problemsIn(currentGraph(), models ? { models } : {}).find(({ severity }) => severity === 'error');
  if (refused) {
    toast.error(refused.message);
    return;
  }
  const { phase, id: earlier } = useRun.getState();
  if (phase === 'starting') return;
  perform(renewSeeds(useSettings.getState().seeds));
  const graph = currentGraph();
  const nodes = takingPart(graph);
  useRun.getState().began(undefined, nodes);
  try {
    if (phase === 'running' && earlier !== undefined) await client.runs.stop.mutate({ run: earlier });
    const run = await client.runs.start.mutate({ graph });
    adopt(run.id, nodes);
  } catch (error) {
    useRun.getState().failed(sentenceOf(error));
    toast.error(sentenceOf(error));
    return;
  }
  await saveNow();
}

/** Ends the run that goes on. */
export async function stopRun(): Promise<void> {
  const { id, phase } = useRun.getState();
  if (id === undefined || phase !== 'running') return;
  try {
    await client.runs.stop.mutate({ run: id });
  } catch (error) {
    toast.error(sentenceOf(error));
  }
}
