import type { ModelInfo } from '../../models/contracts.ts';
import type { Graph } from '../../nodes/graph.ts';
import type { ImageRef } from '../../nodes/ports.ts';
import type { RunEvent } from '../engine/events.ts';
import type { SeedPolicy } from '../runs/seeds.ts';

/** What runs graphs, whether it is a server that was found running or this very process. */
export interface Engine extends AsyncDisposable {
  models(): Promise<readonly ModelInfo[]>;
  /** Puts a picture file's bytes into the content store. Rejects with a sentence when they are no picture. */
  upload(bytes: Uint8Array<ArrayBuffer>): Promise<ImageRef>;
  /** Starts a run and gives its id. */
  start(graph: Graph, seeds: SeedPolicy): Promise<string>;
  /** Everything that happened in a run and happens until it ends. */
  follow(run: string, signal: AbortSignal): AsyncIterable<RunEvent>;
  stop(run: string): Promise<void>;
  /** The bytes of a kept picture, by the place that its Save node gave. */
  saved(file: string): Promise<Uint8Array>;
}
