import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import type { ModelPool, Upscaler } from '../../models/contracts.ts';
import { ModelError } from '../../models/errors.ts';
import type { Graph } from '../../nodes/graph.ts';
import { createActionCache } from '../../server/engine/action-cache.ts';
import type { RunEvent } from '../../server/engine/events.ts';
import { createLanes } from '../../server/engine/lanes.ts';
import type { Machine } from '../../server/engine/machine.ts';
import { runGraph } from '../../server/engine/run.ts';
import { createContentStore } from '../../server/store/content.ts';
import { createImages } from '../../server/store/images.ts';
import { type Behaviour, fakeCatalog } from './fake-nodes.ts';

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own, gone when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'aria-test-'));
  folders.push(folder);
  return folder;
}

export interface FakeOptions {
  /** An earlier machine's folder, as after a restart. */
  readonly folder?: string;
  readonly budget?: number;
  readonly grace?: number;
  readonly widths?: { gpu: number; cpu: number; io: number };
}

/** A machine without a GPU: real lanes, caches and stores in a temporary folder, an upscaler that brightens. */
export function fakeMachine(options: FakeOptions = {}) {
  const { folder = temporaryFolder(), budget = 1e9, grace = 0 } = options;
  const content = createContentStore(path.join(folder, 'content'));
  const behaviour: Behaviour = { slow: () => tick(), executed: [] };
  const weights = { 'fake/x2': 'weights', 'fake/x4': 'other weights' };
  const leases = { open: 0 };
  const kept: { digest: string; name: string }[] = [];
  const machine: Machine = {
    catalog: fakeCatalog(behaviour),
    models: fakePool(weights, leases),
    images: createImages(content),
    gallery: {
      async save({ digest }, { name }) {
        const already = kept.some((picture) => picture.digest === digest);
        if (!already) kept.push({ digest, name });
        return { file: `${name}.png`, already };
      },
    },
    cache: createActionCache({ folder: path.join(folder, 'cache'), content, budget, grace }),
    lanes: createLanes(options.widths ?? { gpu: 1, cpu: 2, io: 4 }),
    facts: async () => ({ models: await fakePool(weights, leases).list() }),
  };
  return { machine, content, folder, behaviour, weights, leases, kept };
}

function fakePool(weights: Record<string, string>, leases: { open: number }): ModelPool {
  const info = (id: string) => ({ id, kind: 'upscaler' as const, title: id, bytes: 1, bundled: true, scale: 1 });
  const upscaler: Upscaler = {
    info: info('fake/x2'),
    scale: 1,
    async upscale(image, { signal, progress }) {
      for (let step = 1; step <= 4; step++) {
        await tick();
        signal.throwIfAborted();
        progress(step / 4);
      }
      return { ...image, data: image.data.map((value) => Math.min(255, value + 10)) };
    },
  };
  const fitting = (kind: string, id: string) => {
    throw new ModelError(id, `There is no ${kind} here.`);
  };
  return {
    async lease(kind, id, signal) {
      signal.throwIfAborted();
      leases.open += 1;
      const kinds = {
        upscaler,
        get diffuser() {
          return fitting(kind, id);
        },
        get 'face-detector'() {
          return fitting(kind, id);
        },
        get 'face-restorer'() {
          return fitting(kind, id);
        },
      };
      let held = true;
      return {
        ...kinds[kind],
        [Symbol.asyncDispose]: async () => {
          if (held) leases.open -= 1;
          held = false;
        },
      };
    },
    async digest(id) {
      const found = weights[id];
      if (found === undefined) throw new ModelError(id, `The model "${id}" is not installed.`);
      return found;
    },
    list: async () => Object.keys(weights).map(info),
  };
}

/** A graph in short: nodes as `[type, params, extras]`, edges as `a.port > b.port`. */
export function graphOf(
  nodes: Record<
    string,
    readonly [type: string, params?: Record<string, unknown>, extras?: Partial<Graph['nodes'][string]>]
  >,
  ...edges: string[]
): Graph {
  const drawn = Object.entries(nodes).map(([id, [type, params = {}, extras]]) => [
    id,
    { type, version: 1, params, layout: { x: 0, y: 0 }, ...extras },
  ]);
  return { format: 1, name: 'Test', nodes: Object.fromEntries(drawn), edges: edges.map(edgeOf) };
}

function edgeOf(text: string): Graph['edges'][number] {
  const [from = '', to = ''] = text.split(' > ');
  const [source = '', output = ''] = from.split('.');
  const [target = '', input = ''] = to.split('.');
  return { from: [source, output], to: [target, input] };
}

/** A run with its events, and the nodes that ran, came from the cache, failed or were skipped, in order. */
export async function run(
  graph: Graph,
  machine: Machine,
  options: { signal?: AbortSignal; targets?: string[]; hear?: (event: RunEvent) => void } = {},
) {
  const events: RunEvent[] = [];
  const { signal = new AbortController().signal, targets, hear } = options;
  const emit = (event: RunEvent) => {
    events.push(event);
    hear?.(event);
  };
  const outcome = await runGraph({ graph, targets, machine, signal, emit });
  const outputs: Record<string, Readonly<Record<string, unknown>>> = {};
  const ran: string[] = [];
  const cached: string[] = [];
  const failed: Record<string, string> = {};
  const skipped: Record<string, string> = {};
  for (const event of events) {
    if (event.type === 'node-end') {
      outputs[event.node] = event.outputs;
      (event.cached ? cached : ran).push(event.node);
    }
    if (event.type === 'node-fail') failed[event.node] = event.message;
    if (event.type === 'node-skip') skipped[event.node] = event.reason;
  }
  return { outcome, events, outputs, ran, cached, failed, skipped };
}
