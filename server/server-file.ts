import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { DataFolder } from './data-folder.ts';

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
export async function announceServer(folder: DataFolder, url: string): Promise<ServerInfo> {
  const info: ServerInfo = { url, pid: process.pid, instance: randomUUID() };
  await mkdir(folder.root, { recursive: true });
  const file = fileOf(folder);
  await writeFile(`${file}.${process.pid}`, `${JSON.stringify(info, null, 2)}\n`);
  await rename(`${file}.${process.pid}`, file);
  return info;
}

/** The server that owns this data folder, if the one named in its file still answers as that very server. */
export async function runningServer(folder: DataFolder): Promise<ServerInfo | undefined> {
  const info = await announced(folder);
  if (!info) return undefined;
  try {
    const response = await fetch(new URL('/health', info.url), { signal: AbortSignal.timeout(3000) });
    const health = z.object({ instance: z.string() }).safeParse(await response.json());
    return health.data?.instance === info.instance ? info : undefined;
  } catch {
    // Nobody answers there, or somebody else: the server is gone and left its file behind.
    return undefined;
  }
}

/** What the file says, whether or not it is still true. */
async function announced(folder: DataFolder): Promise<ServerInfo | undefined> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return serverInfo.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Takes the file away, unless another server has written its own. */
export async function withdrawServer(folder: DataFolder, { instance }: ServerInfo): Promise<void> {
  if ((await announced(folder))?.instance === instance) await rm(fileOf(folder), { force: true });
}
