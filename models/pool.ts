import path from 'node:path';
import type { ModelKind, ModelKinds, ModelPool } from './contracts.ts';
import { createDigests } from './digests.ts';
import { ModelError } from './errors.ts';
import { type KnownModel, ModelLibrary } from './library.ts';
import { type Loaded, loaders } from './loaders.ts';
import type { ProviderName } from './session.ts';

export interface PoolOptions {
  readonly bundledFolder: string;
  readonly modelsFolder: string;
  /** Where digests of weights are remembered. */
  readonly digestsFile: string;
  /** Bytes of weights kept in memory while nobody uses them. Models in use may exceed it. */
  readonly memoryBudget: number;
  /** Processor threads for one run; all available cores when left out. */
  readonly threads?: number;
  /** Where checkpoints compute; small networks stay on the processor. */
  readonly provider?: ProviderName;
}

/** The pool of the executor, which can also say what is in memory and give it all back. */
export interface ResidentPool extends ModelPool, AsyncDisposable {
  resident(id: string): boolean;
}

interface Slot<Model> {
  readonly id: string;
  readonly stamp: string;
  readonly bytes: number;
  readonly loading: Promise<Loaded<Model>>;
  leases: number;
  loaded: boolean;
}
type Slots = { readonly [Kind in ModelKind]: Map<string, Slot<ModelKinds[Kind]>> };

const kindNames: Readonly<Record<ModelKind, string>> = {
  diffuser: 'a checkpoint for text to image',
  upscaler: 'an upscaler',
  'face-detector': 'a face detector',
  'face-restorer': 'a face restorer',
};

/** One load per model however many ask, least recently used out first, nothing released that a lease holds. */
export function createModelPool(options: PoolOptions): ResidentPool {
  const library = new ModelLibrary(options);
  const digests = createDigests(options.digestsFile);
  const slots: Slots = {
    diffuser: new Map(),
    upscaler: new Map(),
    'face-detector': new Map(),
    'face-restorer': new Map(),
  };
  // From the least recently leased to the latest.
  const order = new Set<Slot<unknown>>();
  const loading = { clipTokenizer: path.join(options.bundledFolder, 'clip-tokenizer'), ...options };

  function open<Kind extends ModelKind>(kind: Kind, known: KnownModel): Slot<ModelKinds[Kind]> {
    const { id, bytes } = known.info;
    const kept = slots[kind].get(id);
    if (kept?.stamp === known.stamp) return kept;
    const started = makeRoom(bytes).then(() => loaders[kind](known, loading));
    const slot: Slot<ModelKinds[Kind]> = { id, stamp: known.stamp, bytes, loading: started, leases: 0, loaded: false };
    slots[kind].set(id, slot);
    order.add(slot);
    started.then(
      () => {
        slot.loaded = true;
      },
      () => forget(slot), // whoever leases hears the reason; the next lease tries again
    );
    return slot;
  }

  function forget(slot: Slot<unknown>): void {
    order.delete(slot);
    for (const kept of Object.values(slots)) if (kept.get(slot.id) === slot) kept.delete(slot.id);
  }

  const isCurrent = (slot: Slot<unknown>) => Object.values(slots).some((kept) => kept.get(slot.id) === slot);

  /** Releases what nobody holds: files that changed since, and from the oldest on until `needed` more bytes fit. */
  async function makeRoom(needed: number): Promise<void> {
    let total = needed;
    for (const slot of order) total += slot.bytes;
    for (const slot of [...order]) {
      if (slot.leases > 0 || !slot.loaded || (total <= options.memoryBudget && isCurrent(slot))) continue;
      total -= slot.bytes;
      forget(slot);
      await (await slot.loading).release();
    }
  }

  return {
    async lease(kind, id, signal) {
      signal.throwIfAborted();
      const known = usable(await library.find(id), kind);
      signal.throwIfAborted();
      const slot = open(kind, known);
      slot.leases += 1;
      order.delete(slot);
      order.add(slot);
      let held = true;
      const release = async () => {
        if (!held) return;
        held = false;
        slot.leases -= 1;
        await makeRoom(0);
      };
      try {
        const { model } = await unlessAborted(slot.loading, signal);
        return { ...model, [Symbol.asyncDispose]: release };
      } catch (error) {
        await release();
        throw error;
      }
    },
    async digest(id) {
      const { folder, files } = await library.find(id);
      return digests.of(folder, files);
    },
    list: () => library.list(),
    resident: (id) => [...order].some((slot) => slot.id === id && slot.loaded),
    async [Symbol.asyncDispose]() {
      const all = [...order];
      for (const slot of all) forget(slot);
      await Promise.allSettled(all.map(async (slot) => (await slot.loading).release()));
    },
  };
}

function usable(known: KnownModel, kind: ModelKind): KnownModel {
  const { id, title, broken } = known.info;
  if (broken) throw new ModelError(id, broken);
  if (known.info.kind === kind) return known;
  throw new ModelError(
    id,
    `Expected ${kindNames[kind]} but ${title} is ${kindNames[known.info.kind]}. Choose another model.`,
  );
}

/** Waits no longer than the signal lets it; a load goes on for the others that wait, and stays for the next. */
async function unlessAborted<Value>(waiting: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, stop } = abortOf(signal);
  try {
    return await Promise.race([waiting, aborted]);
  } finally {
    stop();
  }
}

function abortOf(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop = () => {};
  const promise = new Promise<never>((_, reject) => {
    const refuse = () => reject(signal.reason);
    signal.addEventListener('abort', refuse, { once: true });
    stop = () => signal.removeEventListener('abort', refuse);
  });
  return { promise, stop };
}
