import path from 'node:path';
import type { ModelInfo } from '../../models/contracts.ts';
import type { Graph } from '../../nodes/graph.ts';
import type { RunEvent } from '../engine/events.ts';
import type { PlannedNode } from '../engine/plan.ts';
import type { RunOutcome } from '../engine/run.ts';
import { ChildEndedError, type Connection, connect } from './connection.ts';
import { ExecutorClosedError, ExecutorCrashError } from './errors.ts';
import { type Health, health, modelList, plannedNodes, type Request, runOutcome } from './protocol.ts';
import { type RunningNode, watchRun } from './run-watch.ts';

export interface ExecutorOptions {
  /** The root of the data folder. */
  readonly dataFolder: string;
  /** The child's program, a TypeScript file; another one in tests. */
  readonly entry?: string;
  /** The folder with package.json and node_modules; the working directory when left out. */
  readonly projectRoot?: string;
  readonly device?: string;
  /** Processor threads for one network; all cores when left out. */
  readonly threads?: number;
  /** How long a stopped run may take to end by itself before its process is replaced. 2000 ms when left out. */
  readonly stopGraceMs?: number;
}

export interface RunRequest {
  readonly id: string;
  readonly graph: Graph;
  /** The nodes to work towards; the graph's output nodes when left out. */
  readonly targets?: readonly string[];
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Called for every event, in order; a run that moves to a fresh process begins again with `run-start`. */
  readonly emit: (event: RunEvent) => void;
}

/** The process that computes, as the rest of the server sees it. It is started by the first call and replaced when it ends. */
export interface Executor extends AsyncDisposable {
  /**
   * Resolves when the run has ended, however it ended; a stopped run too. Rejects with `ExecutorCrashError` when the
   * process ended meanwhile, with `ExecutorRefusal` for a graph with problems, and with `ExecutorClosedError`.
   */
  run(request: RunRequest, options: RunOptions): Promise<RunOutcome>;
  /** What a run would do with each node. Rejects with `ExecutorRefusal` for a graph with problems. */
  plan(graph: Graph, targets?: readonly string[]): Promise<PlannedNode[]>;
  models(): Promise<ModelInfo[]>;
  health(): Promise<Health>;
  /** Starts the process ahead of the first call; resolves when it is ready. */
  warm(): Promise<void>;
  /** Of the process that runs now, if one does. */
  readonly pid: number | undefined;
}

/** An executor that forks its child on first use. Nothing a graph or a model does in the child can end this process. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { stopGraceMs = 2000 } = options;
  let current: Connection | undefined;
  let closed = false;

  const connection = (): Connection => {
    if (closed) throw new ExecutorClosedError();
    if (current) return current;
    const fresh = connect(childOptions(options));
    current = fresh;
    const forget = () => {
      if (current === fresh) current = undefined;
    };
    void fresh.ended.then(forget);
    return fresh;
  };
  const replace = (old: Connection) => {
    if (current === old) current = undefined;
    old.recycle();
  };

  /** Asks until a child lives long enough to answer, unless it ends by its own doing. */
  async function ask(make: (call: number) => Request): Promise<unknown> {
    for (;;) {
      try {
        return await connection().ask(make).answer;
      } catch (error) {
        mayTryAgain(error);
      }
    }
  }

  function mayTryAgain(error: unknown, running?: RunningNode): void {
    if (!(error instanceof ChildEndedError)) throw error;
    if (closed) throw new ExecutorClosedError();
    if (!error.innocent) throw new ExecutorCrashError(error.exit, running);
  }

  async function runOnce(request: RunRequest, { signal, emit }: RunOptions): Promise<RunOutcome | undefined> {
    const { graph, targets } = request;
    const watch = watchRun(graph, emit);
    const host = connection();
    const { call, answer } = host.ask(
      (number) => ({ type: 'run', call: number, ...workOf(graph, targets) }),
      watch.hear,
    );
    // A network computes without looking up, and loading cannot be interrupted: the process is given up instead, unless
    // it is another run's network that keeps it from listening.
    const giveUp = () => {
      if (host.runs === 1 || watch.running()?.lane === 'gpu') replace(host);
    };
    let grace: NodeJS.Timeout | undefined;
    const stop = () => {
      host.stop(call);
      grace = setTimeout(giveUp, stopGraceMs);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    try {
      return runOutcome.parse(await answer);
    } catch (error) {
      if (error instanceof ChildEndedError && signal.aborted && !closed) return watch.endAsStopped();
      mayTryAgain(error, watch.running());
      return undefined;
    } finally {
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
    }
  }

  return {
    async run(request, runOptions) {
      for (;;) {
        const outcome = await runOnce(request, runOptions);
        if (outcome) return outcome;
      }
    },
    plan: async (graph, targets) =>
      plannedNodes.parse(await ask((call) => ({ type: 'plan', call, ...workOf(graph, targets) }))),
    models: async () => modelList.parse(await ask((call) => ({ type: 'models', call }))),
    health: async () => health.parse(await ask((call) => ({ type: 'health', call }))),
    async warm() {
      await connection().ready.catch(mayTryAgain);
    },
    get pid() {
      return current?.pid;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      const last = current;
      last?.recycle();
      await last?.ended;
    },
  };
}

const workOf = (graph: Graph, targets?: readonly string[]) => (targets ? { graph, targets: [...targets] } : { graph });

function childOptions({ dataFolder, entry, projectRoot, device, threads }: ExecutorOptions) {
  // The comments keep Next's bundler from following paths that only exist at run time.
  const root = path.resolve(/* turbopackIgnore: true */ projectRoot ?? process.cwd());
  return {
    projectRoot: root,
    entry: entry ?? path.join(/* turbopackIgnore: true */ root, 'server', 'executor', 'main.ts'),
    settings: {
      dataFolder: path.resolve(/* turbopackIgnore: true */ dataFolder),
      ...(threads === undefined ? {} : { threads }),
      ...(device === undefined ? {} : { device }),
    },
  };
}
