import { fork } from 'node:child_process';
import { type ExecutorSettings, type FromExecutor, fromExecutor, type ToExecutor } from './protocol.ts';

/** How a child ended. `lastWords` is the tail of what it printed: for logs, never for clients. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastWords: string;
}

/** A running executor as its parent holds it. */
export interface Child {
  readonly pid: number | undefined;
  /** False when the channel is closed already, so that the message goes nowhere; `exited` tells why. */
  send(message: ToExecutor): boolean;
  kill(): void;
  /** Resolves once everything the child said has been delivered; never rejects. */
  readonly exited: Promise<ChildExit>;
}

export interface ChildOptions {
  /** The folder that holds node_modules. */
  readonly projectRoot: string;
  /** A TypeScript file, absolute. */
  readonly entry: string;
  readonly settings: ExecutorSettings;
  readonly hear: (message: FromExecutor) => void;
}

const lastWordsLength = 4000;

/** Forks an executor. It ends by itself when this process ends, because the channel between them closes. */
export function startChild({ projectRoot, entry, settings, hear }: ChildOptions): Child {
  const child = fork(entry, [JSON.stringify(settings)], {
    cwd: projectRoot,
    execArgv: ['--import', 'tsx'],
    // Keeps bigints and typed arrays as they are; JSON would lose them and is slower.
    serialization: 'advanced',
    // Options meant for the parent, such as a debugger's port, would stop or slow the child.
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let lastWords = '';
  const listen = (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-lastWordsLength);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  child.on('message', (raw) => {
    const message = fromExecutor.safeParse(raw);
    if (message.success) hear(message.data);
    else listen(Buffer.from(`Unknown message from the executor: ${message.error.message}\n`));
  });

  const closed = new Promise<Omit<ChildExit, 'lastWords'>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      listen(Buffer.from(String(error)));
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  // Messages sent just before the end are delivered after "close" but before "disconnect".
  const silent = new Promise<void>((resolve) => {
    if (child.connected) child.once('disconnect', resolve);
    else resolve();
  });
  return {
    pid: child.pid,
    send(message) {
      const { connected } = child;
      // A channel that closes while sending reports it to the callback; `exited` has the reason.
      if (connected) child.send(message, () => undefined);
      return connected;
    },
    kill: () => void child.kill('SIGKILL'),
    exited: Promise.all([closed, silent]).then(([end]) => ({ ...end, lastWords })),
  };
}
