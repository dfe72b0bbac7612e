import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { errorCode } from './file-errors.ts';
import { takeTurn } from './turn.ts';

/** Thrown when another process owns the folder. The message is a sentence for the person who started this one. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  /** Of the owner; undefined when it did not say. */
  readonly pid: number | undefined;
  constructor(folder: string, pid: number | undefined) {
    const who = pid === undefined ? 'another Aria' : `another Aria (process ${pid})`;
    super(`The folder ${folder} is in use by ${who}; stop it or choose another ARIA_DATA.`);
    this.pid = pid;
  }
}

/** A socket's path must fit into 104 bytes on macOS and 108 on Linux; its first name, below, is 9 bytes longer. */
const longestSocketPath = 90;

/**
 * Makes this process the one owner of a folder until disposed, by listening on a socket in it: PGlite itself takes no
 * lock, and two processes on one database destroy it without an error. The system silences the socket when the owner
 * dies, however it dies. Rejects with FolderInUseError.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  mkdirSync(folder, { recursive: true });
  const socket = socketFor(realpathSync(folder));
  for (const patience = AbortSignal.timeout(10_000); !patience.aborted; ) {
    const lock = await listen(socket);
    if (lock) return lock;
    const owner = await ownerAt(socket);
    if (owner) throw new FolderInUseError(folder, owner.pid);
    await clearAway(socket);
  }
  throw new FolderInUseError(folder, undefined);
}

/** Where the owner of a folder listens: beside the database, or under a short name where that path would be too long. */
export function socketFor(folder: string, platform: NodeJS.Platform = process.platform): string {
  const name = `aria-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`;
  if (platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const beside = path.join(/* turbopackIgnore: true */ folder, 'owner.sock');
  // Not the folder that TMPDIR names: two processes must come to the same path whatever their environment.
  return Buffer.byteLength(beside) <= longestSocketPath ? beside : `/tmp/${name}.sock`;
}

/**
 * Undefined when the name is taken. The socket gets its name when it is answering already: one that is bound and does not
 * answer yet would pass for a dead owner's.
 */
async function listen(socket: string): Promise<AsyncDisposable | undefined> {
  const isPipe = socket.startsWith('\\\\');
  const first = isPipe ? socket : `${socket}.${randomUUID().slice(0, 8)}`;
  const server = await serveAt(first);
  if (isPipe) return server && { [Symbol.asyncDispose]: () => close(server) };
  if (!server) return undefined;
  const named = await link(first, socket).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    },
  );
  await rm(first);
  if (!named) {
    await close(server);
    return undefined;
  }
  return {
    async [Symbol.asyncDispose]() {
      // First the name, while it is surely still ours.
      await rm(socket, { force: true });
      await close(server);
    },
  };
}

/** Undefined when something stands at that path already. */
function serveAt(socket: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((client) => {
      client.on('error', () => client.destroy());
      client.end(JSON.stringify({ pid: process.pid }));
    });
    server.once('error', (error) => (errorCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(socket, () => {
      // The lock alone keeps no process alive.
      server.unref();
      resolve(server);
    });
  });
}

const close = (server: Server) =>
  new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));

const answer = z.object({ pid: z.int() });

/** Who listens there; undefined when nobody does. */
function ownerAt(socket: string): Promise<{ pid: number | undefined } | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const client = connect(socket);
    client.setTimeout(2000, () => {
      // It accepts and stays silent: an owner that is busy, for instance with a long query.
      client.destroy();
      resolve({ pid: undefined });
    });
    client.on('data', (chunk) => {
      text += chunk.toString();
    });
    client.on('end', () => resolve({ pid: readPid(text) }));
    client.on('error', (error) => {
      const gone = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(errorCode(error) ?? '');
      resolve(gone ? undefined : { pid: undefined });
    });
  });
}

function readPid(text: string): number | undefined {
  try {
    return answer.safeParse(JSON.parse(text)).data?.pid;
  } catch {
    return undefined;
  }
}

/**
 * Takes a dead owner's socket away. One process at a time, which asks once more when it is its turn: without that, eight
 * processes that found the same dead owner became two owners in one try of three.
 */
async function clearAway(socket: string): Promise<void> {
  const turn = await takeTurn(`${socket}.takeover`);
  if (!turn) return void (await wait(20));
  await using _turn = turn;
  if (!(await ownerAt(socket))) await rm(socket, { force: true });
}
