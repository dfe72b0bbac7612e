import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { catalog } from '../../nodes/catalog.ts';
import { type Graph, readGraph } from '../../nodes/graph.ts';
import { type ProblemFacts, problemsIn } from '../../nodes/problems.ts';
import type { Database } from '../store/database.ts';
import { milestonesOf, type NumberedEvent } from '../store/events.ts';
import { type Graphs, nameFor } from '../store/graphs.ts';
import * as rows from '../store/runs.ts';
import { NotFound, ProblemsError } from './errors.ts';
import { openEventFeed } from './events.ts';
import { withInputs } from './inputs.ts';
import { type NodeProgress, progressOf } from './progress.ts';
import type { Priority, Queue } from './queue.ts';
import { type randomSeed, resolveSeeds, type SeedPolicy } from './seeds.ts';

export interface RunOrder {
  /** The document itself, or the id of a saved one, with its newest revision unless another is named. */
  readonly graph?: Graph | undefined;
  readonly graphId?: string | undefined;
  readonly revision?: number | undefined;
  /** Other values for parameters, by `node.param`, for this run only. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
  /** The nodes to work towards; the graph's output nodes when left out. */
  readonly targets?: readonly string[] | undefined;
  /** `keep` when left out. */
  readonly seeds?: SeedPolicy | undefined;
  /** `interactive` when left out; goes before `batch`. */
  readonly priority?: Priority | undefined;
  /** The same key gives the same run, however often it is asked for. */
  readonly idempotencyKey?: string | undefined;
}

export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly graphId?: string;
  readonly revision?: number;
  readonly state: rows.RunState;
  readonly priority: Priority;
  /** Counts from 1; larger when a process died over it and the run was taken up again. */
  readonly attempt: number;
  readonly createdAt: Date;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  /** Why it failed. */
  readonly error?: string;
  /** Each seed as digits by `node.param`. */
  readonly seeds: Readonly<Record<string, string>>;
}

export interface RunRecord extends RunSummary {
  /** As it ran, with inputs and seeds written in. */
  readonly graph: Graph;
  readonly targets?: readonly string[];
  readonly nodes: Readonly<Record<string, NodeProgress>>;
  /** How many nodes were executed, and how many came from the cache. */
  readonly ran: number;
  readonly cached: number;
  /** How many runs go before it, while it waits. */
  readonly position?: number;
}

/** Runs as the rest of the server asks for them. They outlive the page that started them; only `stop` ends one early. */
export interface Runs extends AsyncDisposable {
  /** Rejects with ProblemsError, InputError or NotFound; a run that was accepted is kept whatever happens next. */
  start(order: RunOrder): Promise<RunSummary>;
  /** Resolves when the run has been told, or has ended before. Rejects with NotFound. */
  stop(id: string): Promise<void>;
  get(id: string): Promise<RunRecord | undefined>;
  /** The newest first; `before` is the id of the last run of the page before. */
  list(page: rows.RunPage): Promise<RunSummary[]>;
  /** The runs that wait, the next one first. */
  waiting(): Promise<RunSummary[]>;
  /**
   * Every event with a number above `after`, those past and those to come, until the run has ended or the signal aborts.
   * Rejects with NotFound.
   */
  follow(id: string, after: number, signal: AbortSignal): AsyncGenerator<NumberedEvent, void, undefined>;
}

export interface RunsOptions {
  readonly database: Database;
  readonly queue: Queue;
  readonly graphs: Graphs;
  /** What is known outside the graph: models above all. */
  readonly facts: () => Promise<ProblemFacts> | ProblemFacts;
  /** Draws new seeds; random ones when left out. */
  readonly random?: typeof randomSeed;
}

/** The runs of a database, worked on by whatever worker hosts share it. */
export async function createRuns({ database, queue, graphs, facts, random }: RunsOptions): Promise<Runs> {
  const feed = await openEventFeed(database);

  async function accept(order: RunOrder): Promise<string> {
    const key = order.idempotencyKey;
    const known = key === undefined ? undefined : await rows.runByKey(database, key);
    if (known) return known.id;
    const drawn = await drawnGraph(order, graphs);
    const state = await facts();
    const filled = withInputs(drawn.graph, order.inputs ?? {});
    const { graph, seeds } = resolveSeeds(filled, order.seeds ?? 'keep', state.catalog ?? catalog, random);
    const problems = problemsIn(graph, { ...state, ...(order.targets && { targets: order.targets }) });
    if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
    return rows.insertRun(database, queue, {
      id: randomUUID(),
      name: nameFor(graph),
      graphId: drawn.id,
      graphRevision: drawn.revision,
      graph: JSON.stringify(graph),
      targets: JSON.stringify(order.targets ?? null),
      seeds: JSON.stringify(seeds),
      priority: order.priority ?? 'interactive',
      idempotencyKey: key,
    });
  }

  const found = async (id: string) => {
    const run = await rows.runById(database, id);
    if (!run) throw new NotFound('This run does not exist.');
    return run;
  };

  return {
    start: async (order) => summaryOf(await found(await accept(order))),
    async stop(id) {
      if (!(await rows.requestStop(database, queue, id))) throw new NotFound('This run does not exist.');
    },
    async get(id) {
      const run = await rows.runById(database, id);
      if (!run) return undefined;
      const position = run.state === 'queued' ? await rows.placeOf(database, run) : undefined;
      return recordOf(run, progressOf(await milestonesOf(database, id)), position);
    },
    list: async (page) => (await rows.listRuns(database, page)).map(summaryOf),
    waiting: async () => (await rows.waitingRuns(database)).map(summaryOf),
    async *follow(id, after, signal) {
      await found(id);
      yield* feed.follow(id, after, signal);
    },
    [Symbol.asyncDispose]: () => feed[Symbol.asyncDispose](),
  };
}

async function drawnGraph({ graph, graphId, revision }: RunOrder, graphs: Graphs) {
  if (graph) return { id: graphId ?? graph.id, revision, graph };
  if (graphId === undefined)
    throw new NotFound('Expected a graph to run, or the id of a saved one, but received neither.');
  const saved = await graphs.get(graphId, revision);
  if (!saved) throw new NotFound('This graph, or this revision of it, is not saved here.');
  return saved;
}

const seedTexts = z.record(z.string(), z.string());
const targetList = z.array(z.string()).nullable();

function summaryOf(run: rows.RunRow): RunSummary {
  const { id, name, state, priority, attempt, createdAt, graphId, graphRevision, startedAt, endedAt, error } = run;
  return {
    ...{ id, name, state, priority, attempt, createdAt },
    seeds: seedTexts.parse(JSON.parse(run.seeds)),
    ...(graphId !== null && { graphId }),
    ...(graphRevision !== null && { revision: graphRevision }),
    ...(startedAt !== null && { startedAt }),
    ...(endedAt !== null && { endedAt }),
    ...(error !== null && { error }),
  };
}

function recordOf(run: rows.RunRow, progress: ReturnType<typeof progressOf>, position: number | undefined): RunRecord {
  const targets = targetList.parse(JSON.parse(run.targets));
  return {
    ...summaryOf(run),
    graph: readGraph(run.graph),
    ...(targets && { targets }),
    ...progress,
    ...(position !== undefined && { position }),
  };
}
