import * as z from 'zod';
import { definitionOf } from '../../../nodes/catalog.ts';
import { labelOf } from '../../../nodes/port-info.ts';
import { titleOf } from '../../../nodes/problems.ts';
import { neededFor } from '../../../nodes/topology.ts';
import type { RunRecord } from '../runs/recent-runs.ts';
import { picturesIn } from '../runs/run-state.ts';
import { duration } from '../words.ts';

/** One thing known about a picture: "Seed", "7". */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

const told = new Set(['text', 'negative', 'seed', 'model', 'steps', 'guidance', 'sampler', 'schedule']);

/** What made a picture: the words, seeds, models and settings of the nodes it came through, and how long the run took. */
export function factsOf(run: RunRecord, digest: string): Fact[] {
  const maker = nodeOf(run, digest);
  const behind = maker === undefined ? new Set<string>() : neededFor(run.graph, [maker]);
  const facts = Object.entries(run.graph.nodes).flatMap(([id, node]) => {
    const { type, params } = node;
    const shape = behind.has(id) ? (definitionOf(type)?.params.shape ?? {}) : {};
    return Object.entries(shape).flatMap(([name, schema]) => {
      const value = run.seeds[`${id}.${name}`] ?? params[name];
      if (!told.has(name) || value === undefined || value === '') return [];
      const label = name === 'model' ? `${titleOf(node)} model` : labelOf(schema, name);
      return [{ label, value: String(value).replace(/^bundled\//, '') }];
    });
  });
  const took =
    run.startedAt && run.endedAt
      ? [{ label: 'Time', value: duration(run.endedAt.getTime() - run.startedAt.getTime()) }]
      : [];
  return [...facts, ...took];
}

/** Where the kept file of a picture is, with the graph inside, or nothing when it was not kept. */
export function keptFile(run: RunRecord, digest: string): string | undefined {
  for (const { outputs = {} } of Object.values(run.nodes)) {
    // A node that was given a list tells a list of files, one for each picture.
    const files = fileList.safeParse(outputs.file).data ?? [];
    const pictures = picturesIn(outputs);
    const found = files[pictures.findIndex((picture) => picture.digest === digest)];
    if (found !== undefined) return found;
  }
  return undefined;
}

const fileList = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** The first node that made the picture; nodes after it may only have passed it on. */
const nodeOf = ({ nodes }: RunRecord, digest: string): string | undefined =>
  Object.keys(nodes).find((id) => picturesIn(nodes[id]?.outputs ?? {}).some((picture) => picture.digest === digest));
