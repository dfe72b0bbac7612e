import type { NodeContext, NodeDefinition } from '../../nodes/define-node.ts';
import { modelParamsOf } from '../../nodes/port-info.ts';
import { unlessAborted } from './abort.ts';
import type { CacheEntry } from './cache-entry.ts';
import { digestOf } from './canonical.ts';
import { reasonOf } from './errors.ts';
import type { RunEvent } from './events.ts';
import { type Item, itemsOf, type PortValue } from './items.ts';
import type { Machine } from './machine.ts';
import { createProgress, type Progress } from './progress.ts';
import { recipeKey } from './recipe-key.ts';
import type { WiredNode } from './wiring.ts';

type Values = Readonly<Record<string, unknown>>;
type Digests = Readonly<Record<string, string>>;

/** What came of a node. */
export interface NodeEnd {
  readonly outputs: Values;
  readonly digests: Digests;
  /** Nothing had to be computed or done. */
  readonly cached: boolean;
  /** Milliseconds of execution, without waiting. */
  readonly ms: number;
  readonly warnings: readonly string[];
}

/** The run that a node is executed for. */
export interface Surroundings {
  readonly machine: Machine;
  readonly signal: AbortSignal;
  readonly emit: (event: RunEvent) => void;
  readonly now: () => number;
  /** Keeps the result of this key from eviction until the run ends. */
  readonly hold: (key: string) => void;
}

/** The recipe key of one execution. Rejects when a parameter or model does not fit. */
export async function keyOf({ definition }: WiredNode, item: Item, models: Machine['models']): Promise<string> {
  const settings = definition.settings(item.params);
  if (!settings.success) throw settings.error;
  const { type, version } = definition;
  const fingerprint = await definition.fingerprint(item.params, models);
  return recipeKey({ type, version, params: settings.data, inputs: item.digests, fingerprint });
}

/** Brings a node to its end: from the cache where its result is known, else by executing it in its lane. */
export async function carryOut(
  node: WiredNode,
  arriving: ReadonlyMap<string, PortValue>,
  run: Surroundings,
): Promise<NodeEnd> {
  const { mapped, items } = itemsOf(node, arriving);
  const warnings = new Set<string>();
  await using telling = createTelling(node, items.length, run, warnings);
  const ends: NodeEnd[] = [];
  for (const [index, item] of items.entries()) {
    const end = await endOf(node, item, run, { index, start: () => telling.start(index) });
    for (const warning of end.warnings) warnings.add(warning);
    telling.finish(index);
    ends.push(end);
  }
  return { ...combined(node.definition, mapped, ends), warnings: [...warnings] };
}

/** Says that a node has started once it really executes, and how far it is from then on. */
function createTelling(node: WiredNode, items: number, { emit, now, machine }: Surroundings, warnings: Set<string>) {
  const failed = (error: unknown) => void warnings.add(`A preview could not be shown: ${reasonOf(error)}`);
  let progress: Progress | undefined;
  return {
    start(item: number): NodeContext['progress'] {
      if (!progress) emit({ type: 'node-start', node: node.id });
      progress ??= createProgress({ node: node.id, items, emit, now, previews: machine.previews, failed });
      return progress.of(item);
    },
    finish(item: number): void {
      // The last one's end is the node's end, which says it all.
      if (item < items - 1) progress?.of(item)(1);
    },
    [Symbol.asyncDispose]: async () => progress?.[Symbol.asyncDispose](),
  };
}

/** One execution among those of its node. */
interface Turn {
  readonly index: number;
  /** Called when it really executes; gives its progress. */
  readonly start: () => NodeContext['progress'];
}

async function endOf(node: WiredNode, item: Item, run: Surroundings, turn: Turn): Promise<NodeEnd> {
  const { cache, models } = run.machine;
  const { type, purity } = node.definition;
  if (purity === 'effect') {
    const { outputs, already, ms, warnings } = await execute(node, item, run, turn);
    return { outputs, digests: digestsOf(outputs), cached: already, ms, warnings };
  }

  // The digest of weights that nobody has read yet takes minutes; a stop does not wait for it.
  const key = await unlessAborted(keyOf(node, item, models), run.signal);
  run.hold(key);
  const pinned = node.node.pinned === true;
  const reuse = (entry: CacheEntry): NodeEnd => {
    if (entry.pinned !== pinned) cache.pin(key, pinned);
    return { ...entry, cached: true, ms: 0 };
  };
  const recalled = cache.recall(key);
  if (recalled) return reuse(recalled);

  // Whoever else works on this key right now, in this run or another, is waited for.
  using _claim = await cache.claim(key, run.signal);
  const found = await cache.lookup(key);
  if (found) return reuse(found);
  const { outputs, ms, warnings, made } = await execute(node, item, run, turn);
  const { digests } = await cache.store(key, { type, outputs, ms, warnings, made, pinned });
  return { outputs, digests, cached: false, ms, warnings };
}

async function execute({ id, definition }: WiredNode, item: Item, run: Surroundings, { index, start }: Turn) {
  const { machine, signal, now } = run;
  const { models, images, gallery } = machine;
  const wanted = modelsOf(definition, item.params);
  const isLoaded = () => wanted.length > 0 && wanted.every((id) => machine.resident?.(id));
  using _place = await machine.lanes.enter(definition.lane, signal, isLoaded);
  const report = start();
  const warnings: string[] = [];
  const made = new Set<string>();
  const begun = now();
  const { outputs, already } = await definition.run(item, {
    models,
    gallery: { save: (ref, options) => gallery.save(ref, { ...options, node: id, item: index }) },
    images: {
      read: images.read,
      async write(pixels) {
        const written = await images.write(pixels);
        made.add(written.digest);
        return written;
      },
    },
    signal,
    progress(fraction, detail) {
      signal.throwIfAborted();
      report(fraction, detail);
    },
    warn: (message) => void warnings.push(message),
  });
  return { outputs, already, warnings, made, ms: now() - begun };
}

/** The ids at the model parameters of a node. */
function modelsOf(definition: NodeDefinition, params: Values): string[] {
  const settings = definition.settings(params).data ?? {};
  return modelParamsOf(definition).flatMap(({ name }) => {
    const id = settings[name];
    return typeof id === 'string' ? [id] : [];
  });
}

/** The executions of a node as one: a list for each output; outputs that are lists themselves follow one another. */
export function combined(definition: NodeDefinition, mapped: boolean, ends: readonly NodeEnd[]): NodeEnd {
  const [only] = ends;
  if (only && !mapped) return only;
  const outputs: Record<string, unknown> = {};
  for (const port of Object.keys(definition.outputs.shape)) outputs[port] = ends.flatMap((end) => end.outputs[port]);
  return {
    outputs,
    digests: digestsOf(outputs),
    cached: ends.every((end) => end.cached),
    ms: ends.reduce((sum, end) => sum + end.ms, 0),
    warnings: ends.flatMap((end) => end.warnings),
  };
}

const digestsOf = (outputs: Values): Digests =>
  Object.fromEntries(Object.entries(outputs).map(([port, value]) => [port, digestOf(value)]));
