import type { ModelInfo } from '../../models/contracts.ts';
import type { Graph } from '../../nodes/graph.ts';
import { InvalidGraphError, reasonOf } from '../engine/errors.ts';
import type { RunEvent } from '../engine/events.ts';
import type { PlannedNode } from '../engine/plan.ts';
import type { RunOutcome } from '../engine/run.ts';
import { type FromExecutor, type Request, toExecutor } from './protocol.ts';

/** What an executor process can do. */
export interface ExecutorWork {
  run(
    graph: Graph,
    targets: readonly string[] | undefined,
    options: { signal: AbortSignal; emit: (event: RunEvent) => void },
  ): Promise<RunOutcome>;
  plan(graph: Graph, targets: readonly string[] | undefined): Promise<PlannedNode[]>;
  models(): Promise<ModelInfo[]>;
}

/** Answers the parent's requests until the channel to it closes, then ends this process. */
export function serve(work: ExecutorWork): void {
  const stops = new Map<number, AbortController>();

  async function run(request: Extract<Request, { type: 'run' }>): Promise<RunOutcome> {
    const stop = new AbortController();
    stops.set(request.call, stop);
    const emit = (event: RunEvent) => say({ type: 'event', call: request.call, event });
    try {
      return await work.run(request.graph, request.targets, { signal: stop.signal, emit });
    } finally {
      stops.delete(request.call);
    }
  }

  function answer(request: Request): Promise<unknown> {
    switch (request.type) {
      case 'run':
        return run(request);
      case 'plan':
        return work.plan(request.graph, request.targets);
      case 'models':
        return work.models();
      case 'health':
        return Promise.resolve({ pid: process.pid, memory: process.memoryUsage.rss(), runs: stops.size });
    }
  }

  process.on('message', (raw) => {
    const message = toExecutor.safeParse(raw);
    // Whoever sent it waits for nothing that this version could give.
    if (!message.success) return console.error('Unknown message:', message.error.message);
    const request = message.data;
    if (request.type === 'stop') return stops.get(request.call)?.abort();
    answer(request).then(
      (value) => say({ type: 'answer', call: request.call, value }),
      (error: unknown) => say(refusal(request.call, error)),
    );
  });
  process.once('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group. The parent decides what is finished first.
  process.on('SIGINT', () => undefined);
  say({ type: 'ready' });
}

// A parent that is gone closes the channel, which ends this process by "disconnect".
const say = (message: FromExecutor): void => void process.send?.(message, undefined, undefined, () => undefined);

function refusal(call: number, error: unknown): FromExecutor {
  const { name: kind, stack } = error instanceof Error ? error : new Error(String(error));
  const problems = error instanceof InvalidGraphError ? { problems: [...error.problems] } : undefined;
  return { type: 'refusal', call, kind, message: reasonOf(error), trace: stack ?? String(error), ...problems };
}
