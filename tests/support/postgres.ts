import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** The folder of PostgreSQL's programs; undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => path.join(root, version, 'bin')).find((bin) => existsSync(path.join(bin, 'initdb')));
}

/** PostgreSQL refuses to run as root; its package brings a user of its own. */
function userForPostgres(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (kind: string) => Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A PostgreSQL server of its own, on a socket and no port, gone when disposed. */
export async function temporaryPostgres(programs: string): Promise<{ url: string } & AsyncDisposable> {
  const folder = mkdtempSync('/tmp/aria-pg-');
  const user = userForPostgres();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } };
  execFileSync(path.join(programs, 'initdb'), ['-D', data, '-U', 'aria', '-A', 'trust', '--no-sync'], {
    ...options,
    stdio: 'ignore',
  });
  const server = spawn(path.join(programs, 'postgres'), ['-D', data, '-k', folder, '-h', '', '-F'], {
    ...options,
    stdio: 'ignore',
  });
  const closed = once(server, 'close');
  const answers = () => spawnSync(path.join(programs, 'pg_isready'), ['-h', folder]).status === 0;
  while (!answers() && server.exitCode === null) await wait(20);
  return {
    url: `postgresql://aria@/postgres?host=${encodeURIComponent(folder)}`,
    async [Symbol.asyncDispose]() {
      server.kill('SIGINT');
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
