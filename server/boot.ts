import { dataFolderAt } from './data-folder.ts';
import { machine } from './machine.ts';
import { announceServer, withdrawServer } from './server-file.ts';

/** Opens the machine of the server process and says in the data folder where it answers. */
export async function boot(): Promise<void> {
  const { instance } = await machine();
  const folder = dataFolderAt();
  await announceServer(folder, { url: addressOf(process.env), pid: process.pid, instance });
  process.once('exit', () => withdrawServer(folder, instance));
}

/** Where this server is reached from this machine. Next writes the port that it really has into PORT. */
function addressOf({ PORT = '3000', HOST = '127.0.0.1' }: Readonly<Record<string, string | undefined>>): string {
  return `http://${HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST}:${PORT}`;
}
