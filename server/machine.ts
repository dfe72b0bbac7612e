import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ModelInfo } from '../models/contracts.ts';
import type { Graph } from '../nodes/graph.ts';
import { type DataFolder, dataFolderAt } from './data-folder.ts';
import type { PlannedNode } from './engine/plan.ts';
import { createExecutor, type Executor } from './executor/supervisor.ts';
import { openAllRuns, type RunNews } from './runs/all-runs.ts';
import { createQueue } from './runs/queue.ts';
import { createRuns, type Runs } from './runs/runs.ts';
import { startWorkerHost } from './runs/worker-host.ts';
import { type ContentStore, createContentStore } from './store/content.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createGallery, type Gallery } from './store/gallery.ts';
import { createGraphs, type Graphs } from './store/graphs.ts';
import { createImages, type Images } from './store/images.ts';
import { createPreviews, type Previews } from './store/previews.ts';
import { createThumbnails, type Thumbnails } from './store/thumbnails.ts';

/** Everything that a server does, joined: what the doors (pages, API, command line) are given. */
export interface Machine extends AsyncDisposable {
  /** Told apart from any other server, and from this one after a restart. */
  readonly instance: string;
  readonly database: Database;
  readonly graphs: Graphs;
  readonly runs: Runs;
  readonly content: ContentStore;
  readonly images: Images;
  readonly thumbnails: Thumbnails;
  readonly gallery: Gallery;
  readonly previews: Previews;
  /** What can be chosen, as it was a few seconds ago at most. */
  models(): Promise<readonly ModelInfo[]>;
  /** What a run would do with each node. */
  plan(graph: Graph, targets?: readonly string[]): Promise<readonly PlannedNode[]>;
  /** News of all runs that have not ended and of those to come; from behind `cursor` on where one is given. */
  followAll(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<RunNews, void>;
}

/** What a machine needs of an executor. */
export type Computer = Pick<Executor, 'run' | 'plan' | 'models'> & AsyncDisposable;

export interface MachineOptions {
  readonly folder: DataFolder;
  /** The folder with package.json, node_modules and drizzle; the working directory when left out. */
  readonly projectRoot?: string;
  /** A PostgreSQL server's address; the embedded database when left out. */
  readonly databaseUrl?: string | undefined;
  /** Another one in tests. */
  readonly executor?: Computer;
}

// Long enough for a burst of questions, short enough to show a file that was just put into the folder.
const modelsKnownForMs = 5000;

/** Opens the data folder and everything that works on it. Rejects with FolderInUseError when another process has it. */
export async function openMachine(options: MachineOptions): Promise<Machine> {
  const held: AsyncDisposable[] = [];
  const hold = <Part extends AsyncDisposable>(part: Part): Part => {
    held.unshift(part);
    return part;
  };
  // The last one opened is closed first.
  const close = async () => {
    for (const part of held.splice(0)) await part[Symbol.asyncDispose]();
  };
  try {
    return { ...(await join(options, hold)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Hold = <Part extends AsyncDisposable>(part: Part) => Part;

async function join({ folder, projectRoot, databaseUrl, executor: given }: MachineOptions, hold: Hold) {
  const root = projectRoot === undefined ? {} : { projectRoot };
  const url = databaseUrl ? { url: databaseUrl } : {};
  // First, because it takes the folder's lock: an executor must not touch a folder that another process owns.
  const database = hold(await openDatabase({ dataFolder: folder, ...url, ...root }));
  const executor = hold(given ?? createExecutor({ dataFolder: folder.root, ...root }));
  const models = rememberedFor(modelsKnownForMs, () => executor.models());
  // The process starts while the rest opens, so that neither the page nor the first run waits for it.
  void models();
  const queue = await createQueue(database);
  const graphs = createGraphs(database);
  const runs = hold(await createRuns({ database, queue, graphs, facts: async () => ({ models: await models() }) }));
  const allRuns = hold(await openAllRuns(database, runs));
  hold(await startWorkerHost({ database, queue, executor }));
  const content = createContentStore(folder.content);
  return {
    instance: randomUUID(),
    ...{ database, graphs, runs, content, models },
    images: createImages(content),
    thumbnails: createThumbnails(path.join(/* turbopackIgnore: true */ folder.root, 'thumbnails'), content),
    gallery: createGallery(folder.gallery),
    previews: createPreviews(folder.previews),
    plan: (graph: Graph, targets?: readonly string[]) => executor.plan(graph, targets),
    followAll: allRuns.follow,
  };
}

/** Asks once for all who ask within the time. A failure is not remembered. */
function rememberedFor<Value>(ms: number, ask: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly answer: Promise<Value>; readonly until: number } | undefined;
  return () => {
    if (last && performance.now() < last.until) return last.answer;
    const asked = { answer: ask(), until: performance.now() + ms };
    last = asked;
    asked.answer.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.answer;
  };
}

const place = Symbol.for('aria.machine');
// `process` only says that this is the global object; a type of optional members alone would accept anything.
const everywhere: { readonly process: unknown; [place]?: Promise<Machine> } = globalThis;

/**
 * The machine of this server process, opened when it is first asked for. Kept on `globalThis`: Next loads modules twice,
 * and two machines on one folder would destroy its database.
 */
export function machine(): Promise<Machine> {
  everywhere[place] ??= openMachine({ folder: dataFolderAt(), databaseUrl: process.env.DATABASE_URL }).catch(
    (error) => {
      // The next request may find the folder free.
      delete everywhere[place];
      throw error;
    },
  );
  return everywhere[place];
}
