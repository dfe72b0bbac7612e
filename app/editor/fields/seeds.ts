import { definitionOf } from '../../../nodes/catalog.ts';
import { fields } from '../../../nodes/fields.ts';
import type { Graph } from '../../../nodes/graph.ts';
import { applyPatch, type GraphChange } from '../../../nodes/patch.ts';
import type { Command } from '../document/history.ts';

/** What happens to seeds when a run starts: nothing, a random one each, or the next number each. */
export type SeedPolicy = 'keep' | 'new' | 'next';

const largest = 2n ** 64n - 1n;

/** A random seed, small enough to be read out and to be exact in any program: 0 to 2^32 − 1. */
export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

/** The seed after this one; after the largest comes 0. */
export function nextSeed(seed: unknown): number | string {
  const text = typeof seed === 'number' || typeof seed === 'string' ? String(seed) : '0';
  const next = /^\d+$/.test(text) ? (BigInt(text) + 1n) % (largest + 1n) : 1n;
  return next <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(next) : String(next);
}

/** Changes every seed that is neither locked nor fed by a wire. */
export const renewSeeds = (policy: SeedPolicy): Command => ({
  label: policy === 'new' ? 'New seeds' : 'Next seeds',
  change: (graph) => (policy === 'keep' ? graph : applyPatch(graph, seedChanges(graph, policy))),
});

function seedChanges(graph: Graph, policy: 'new' | 'next'): GraphChange[] {
  return Object.entries(graph.nodes).flatMap(([node, { type, params, seedLocked }]) => {
    if (seedLocked === true) return [];
    const shape = definitionOf(type)?.params.shape ?? {};
    const seeds = Object.keys(shape).filter((name) => {
      const schema = shape[name];
      const fed = graph.edges.some(({ to }) => to[0] === node && to[1] === name);
      return schema !== undefined && !fed && fields.get(schema)?.control === 'seed';
    });
    return seeds.map((param) => {
      const value = policy === 'new' ? randomSeed() : nextSeed(params[param] ?? 0);
      return { do: 'set-param' as const, node, param, value };
    });
  });
}
