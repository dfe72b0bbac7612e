import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { catalog } from '../../nodes/catalog.ts';
import type { Graph } from '../../nodes/graph.ts';
import { problemsIn } from '../../nodes/problems.ts';
import { save } from '../../nodes/save.ts';
import { targetsOf } from '../../nodes/topology.ts';
import type { RunEvent } from '../engine/events.ts';
import { withInputs } from '../runs/inputs.ts';
import { type RunCommand, UsageError } from './arguments.ts';
import type { Engine } from './engine.ts';
import { problemLine } from './problem-line.ts';
import { jsonReporter, type Output, type Reporter, wordReporter } from './reporter.ts';
import { copySaved, makeFolder, type SavedFiles } from './results.ts';
import { valuesOf } from './settings.ts';

export interface RunSurroundings {
  readonly engine: Engine;
  readonly result: (line: string) => void;
  readonly notes: Output;
  /** Aborted by Ctrl+C. */
  readonly interrupted: AbortSignal;
}

/** Runs a graph to its end, reports what happens and copies the pictures. Resolves with the exit code. */
export async function runGraph(drawn: Graph, command: RunCommand, surroundings: RunSurroundings): Promise<number> {
  const { engine, result, notes, interrupted } = surroundings;
  const values = await valuesOf(drawn, command.settings, async (file) => engine.upload(await pictureIn(file)));
  const graph = withInputs(drawn, values);
  const problems = problemsIn(graph, { models: await engine.models() });
  for (const problem of problems) notes.say(problemLine(graph, problem));
  if (problems.some(({ severity }) => severity === 'error')) return 2;
  if (command.out !== undefined) await makeFolder(command.out);
  if (interrupted.aborted) return 130;

  const run = await engine.start(graph, command.seeds);
  const report = command.json ? jsonReporter(result) : wordReporter(graph, notes);
  const { outcome, outputs } = await watch(engine, run, report, interrupted);
  if (outcome === 'stopped' && interrupted.aborted) return 130;
  const expected = targetsOf(graph, catalog).filter((target) => !graph.nodes[target]?.bypassed);
  if (outcome !== 'done' || !expected.every((target) => outputs.has(target))) return 1;

  if (command.out === undefined) return 0;
  const files = await copySaved(engine, savedFiles(graph, outputs), graph, command.out);
  if (files.length === 0) notes.say('No picture was copied: this graph has no Save node.');
  if (!command.json) for (const file of files) result(file);
  return 0;
}

type Outputs = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Follows a run to its end. Ctrl+C asks it to stop, and its end is still waited for. */
async function watch(engine: Engine, run: string, report: Reporter, interrupted: AbortSignal) {
  const outputs = new Map<string, Readonly<Record<string, unknown>>>();
  let last: Extract<RunEvent, { type: 'run-end' }> | undefined;
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping = engine.stop(run);
    // Awaited below; until then a failure to stop must not end the process.
    stopping.catch(() => undefined);
  };
  if (interrupted.aborted) stop();
  interrupted.addEventListener('abort', stop, { once: true });
  for await (const event of engine.follow(run, new AbortController().signal)) {
    report(event);
    // A run that moves to a fresh process begins again.
    if (event.type === 'run-start') outputs.clear();
    if (event.type === 'node-end') outputs.set(event.node, event.outputs);
    if (event.type === 'run-end') last = event;
  }
  interrupted.removeEventListener('abort', stop);
  await stopping;
  return { outcome: last?.outcome, outputs };
}

/** Where the Save nodes put their pictures; a node that was run over a list gives a list. */
function savedFiles(graph: Graph, outputs: Outputs): SavedFiles {
  const places = z.union([z.array(z.string()), z.string().transform((place) => [place])]);
  const saved = Object.entries(graph.nodes).filter(([, { type }]) => type === save.type);
  return new Map(saved.map(([id]) => [id, places.safeParse(outputs.get(id)?.file).data ?? []]));
}

async function pictureIn(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new UsageError(`Expected a picture file but "${file}" cannot be read.`, { cause });
  }
}
