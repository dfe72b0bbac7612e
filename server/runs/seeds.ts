import { randomBytes } from 'node:crypto';
import { definitionOf } from '../../nodes/catalog.ts';
import type { Catalog } from '../../nodes/define-node.ts';
import { fields } from '../../nodes/fields.ts';
import type { Graph } from '../../nodes/graph.ts';
import { applyPatch } from '../../nodes/patch.ts';

/** What a run does with the seeds in its graph: leaves them, draws new ones, or adds one to each. */
export const seedPolicies = ['keep', 'new', 'next'] as const;
export type SeedPolicy = (typeof seedPolicies)[number];

export interface ResolvedSeeds {
  /** The graph with its seeds written in. */
  readonly graph: Graph;
  /** Each seed as digits, by `node.param`; those that come by a wire are not known here. */
  readonly seeds: Readonly<Record<string, string>>;
}

/** A whole number from 0 to 2⁶⁴ - 1, each as likely as any other. */
export const randomSeed = (): bigint => randomBytes(8).readBigUInt64BE();

/** The seeds that a run of the graph uses. Values that are no seed are left for `problemsIn` to name. */
export function resolveSeeds(graph: Graph, policy: SeedPolicy, catalog: Catalog, random = randomSeed): ResolvedSeeds {
  const found = seedsIn(graph, catalog);
  const values = found.map((seed) => ({ ...seed, value: String(changed(seed.value, policy, random)) }));
  const seeds = Object.fromEntries(values.map(({ node, param, value }) => [`${node}.${param}`, value]));
  if (policy === 'keep') return { graph, seeds };
  return {
    graph: applyPatch(
      graph,
      values.map((value) => ({ do: 'set-param' as const, ...value })),
    ),
    seeds,
  };
}

function changed(seed: bigint, policy: SeedPolicy, random: () => bigint): bigint {
  if (policy === 'keep') return seed;
  return policy === 'new' ? random() : BigInt.asUintN(64, seed + 1n);
}

function seedsIn(graph: Graph, catalog: Catalog) {
  const fed = new Set(graph.edges.map(({ to }) => JSON.stringify(to)));
  const found: { node: string; param: string; value: bigint }[] = [];
  for (const [node, { type, params }] of Object.entries(graph.nodes)) {
    const definition = definitionOf(type, catalog);
    const values = definition?.settings(params).data ?? {};
    for (const [param, schema] of Object.entries(definition?.params.shape ?? {})) {
      const value = values[param];
      const isSeed = fields.get(schema)?.control === 'seed' && typeof value === 'bigint';
      if (isSeed && !fed.has(JSON.stringify([node, param]))) found.push({ node, param, value });
    }
  }
  return found;
}
