import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { DataFolder } from './data-folder.ts';
import { absent } from './store/file-errors.ts';

const serverInfo = z.object({
  url: z.url(),
  pid: z.int().positive(),
  /** Told apart from a server that took the same port later. */
  instance: z.string().min(8),
});
/** Where the server that owns a data folder answers. */
export type ServerInfo = z.output<typeof serverInfo>;

const fileOf = (folder: DataFolder) => path.join(folder.root, 'server.json');

/** Says in the data folder where this server answers, so that the command line finds it. */
export async function announceServer(folder: DataFolder, info: ServerInfo): Promise<void> {
  await mkdir(folder.root, { recursive: true });
  const file = fileOf(folder);
  await writeFile(`${file}.${info.pid}`, `${JSON.stringify(info, null, 2)}\n`);
  await rename(`${file}.${info.pid}`, file);
}

/** The server that owns this data folder, if the one named in its file still answers as that very server. */
export async function runningServer(folder: DataFolder): Promise<ServerInfo | undefined> {
  const info = await announced(folder);
  if (!info) return undefined;
  try {
    const response = await fetch(new URL('/health', info.url), { signal: AbortSignal.timeout(10_000) });
    const health = z.object({ instance: z.string() }).safeParse(await response.json());
    return health.data?.instance === info.instance ? info : undefined;
  } catch {
    // Nobody answers there, or somebody else: the server is gone and left its file behind.
    return undefined;
  }
}

/** What the file says, whether or not it is still true. */
async function announced(folder: DataFolder): Promise<ServerInfo | undefined> {
  const text = await readFile(fileOf(folder), 'utf8').catch(absent);
  return text === undefined ? undefined : infoIn(text);
}

function infoIn(text: string): ServerInfo | undefined {
  try {
    return serverInfo.safeParse(JSON.parse(text)).data;
  } catch {
    // Cut short or edited by hand: it names no server.
    return undefined;
  }
}

/** Takes the file away, unless another server has written its own. Waits for nothing, as a process that ends cannot. */
export function withdrawServer(folder: DataFolder, instance: string): void {
  const file = fileOf(folder);
  if (existsSync(file) && infoIn(readFileSync(file, 'utf8'))?.instance === instance) rmSync(file, { force: true });
}
