import type { ModelPool, Pixels } from '../../models/contracts.ts';
import type { Catalog, Facts, NodeContext } from '../../nodes/define-node.ts';
import type { ImageRef } from '../../nodes/ports.ts';
import type { ActionCache } from './action-cache.ts';
import type { Lanes } from './lanes.ts';

/** The gallery as a run sees it: told also which node keeps the picture, and which item of its list it is, from 0. */
export interface RunGallery {
  save(
    ref: ImageRef,
    options: { name: string; signal: AbortSignal; node: string; item: number },
  ): ReturnType<NodeContext['gallery']['save']>;
}

/** Everything a run touches. Runs know no disk, GPU or network but through it. */
export interface Machine {
  readonly catalog: Catalog;
  readonly models: ModelPool;
  readonly images: NodeContext['images'];
  /** Knows the graph of the run, so each run has its own. */
  readonly gallery: RunGallery;
  readonly cache: ActionCache;
  /** Shared by all runs of the process. */
  readonly lanes: Lanes;
  /** What can be chosen and how large pictures may be, asked once at the start of a run. */
  facts(): Promise<Facts & { readonly maxPixels?: number }>;
  /** Whether a model is in memory; nodes that need it then go first in their lane. */
  resident?(model: string): boolean;
  /** Where previews go; none are made where it is left out. Resolves to the digest. */
  readonly previews?: { write(pixels: Pixels): Promise<string> };
  /** Milliseconds that never go backwards. */
  now?(): number;
}
