import { fileURLToPath } from 'node:url';
import type { ModelInfo } from '../../models/contracts.ts';
import type { DataFolder } from '../data-folder.ts';
import { createExecutor } from '../executor/supervisor.ts';
import { runningServer } from '../server-file.ts';
import type { Engine } from './engine.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The engine of the server that owns the folder, or one in this process where no server runs. */
export async function openEngine(folder: DataFolder): Promise<Engine> {
  const server = await runningServer(folder);
  // Each half brings many modules along, and only one is needed.
  if (server) {
    const { remoteEngine } = await import('./remote-engine.ts');
    return remoteEngine(server.url);
  }
  const { openLocalEngine } = await import('./local-engine.ts');
  return openLocalEngine({ folder, projectRoot, databaseUrl: process.env.DATABASE_URL });
}

/** What can be chosen, asked without opening the database. */
export async function installedModels(folder: DataFolder): Promise<readonly ModelInfo[]> {
  await using executor = createExecutor({ dataFolder: folder.root, projectRoot });
  return await executor.models();
}
