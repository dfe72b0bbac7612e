import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { FolderInUseError, lockFolder, socketFor } from '../../server/store/owner-lock.ts';
import { temporaryFolder } from '../support/databases.ts';

/** Another process that owns the folder. */
async function ownerOf(folder: string) {
  const child = fork(path.join(import.meta.dirname, '../support/folder-owner.ts'), [folder], {
    execArgv: ['--import', 'tsx'],
  });
  const [message] = await once(child, 'message');
  expect(message).toBe('locked');
  return {
    pid: child.pid,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** What a killed owner leaves: a socket at which nobody answers. */
async function leaveDeadSocket(folder: string): Promise<void> {
  const [socket, aside] = [path.join(folder, 'owner.sock'), path.join(folder, 'aside')];
  const server = createServer().listen(socket);
  await once(server, 'listening');
  // Closing would take the socket away; it does not find it under another name.
  await rename(socket, aside);
  server.close();
  await once(server, 'close');
  await rename(aside, socket);
}

describe('the owner of a data folder', () => {
  test('keeps a second process out, which is told who it is and what to do', async () => {
    await using folder = await temporaryFolder();
    const owner = await ownerOf(folder.root);
    const refused = await lockFolder(folder.root).catch((error: unknown) => error);
    await owner.kill();
    expect(refused).toBeInstanceOf(FolderInUseError);
    expect(refused).toMatchObject({
      pid: owner.pid,
      message: `The folder ${folder.root} is in use by another Aria (process ${owner.pid}); stop it or choose another ARIA_DATA.`,
    });
  });

  test('that was killed leaves nothing in the way of the next', async () => {
    await using folder = await temporaryFolder();
    const owner = await ownerOf(folder.root);
    await owner.kill();
    expect((await stat(path.join(folder.root, 'owner.sock'))).isSocket()).toBe(true);
    await using _lock = await lockFolder(folder.root);
    await expect(lockFolder(folder.root)).rejects.toMatchObject({ pid: process.pid });
    expect(await readdir(folder.root)).toEqual(['owner.sock']);
  });

  test('is only one, however many take over from a dead one at once', async () => {
    for (let round = 0; round < 20; round++) {
      await using folder = await temporaryFolder();
      await leaveDeadSocket(folder.root);
      const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder.root)));
      const owners = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const refusals = all.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      for (const owner of owners) await owner[Symbol.asyncDispose]();
      expect(owners).toHaveLength(1);
      expect(refusals.every((error) => error instanceof FolderInUseError)).toBe(true);
      expect(await readdir(folder.root)).toEqual([]);
    }
  });

  test('is not kept out by a process that died while it took over', async () => {
    await using folder = await temporaryFolder();
    await leaveDeadSocket(folder.root);
    // No process has this number: it is beyond the largest one that Linux gives.
    await writeFile(path.join(folder.root, 'owner.sock.takeover'), '99999999');
    await using _lock = await lockFolder(folder.root);
    expect(await readdir(folder.root)).toEqual(['owner.sock']);
  });

  test('makes room for the next when it is disposed', async () => {
    await using folder = await temporaryFolder();
    for (let time = 0; time < 3; time++) {
      await using _lock = await lockFolder(folder.root);
    }
  });

  test('is found where the path of the folder is too long for a socket, and by another name of the folder', async () => {
    await using folder = await temporaryFolder();
    const deep = path.join(folder.root, 'a'.repeat(60), 'b'.repeat(60));
    await mkdir(deep, { recursive: true });
    await using _lock = await lockFolder(deep);
    await expect(lockFolder(path.join(deep, '..', 'b'.repeat(60)))).rejects.toBeInstanceOf(FolderInUseError);
    expect(await readdir(deep)).toEqual([]);
    expect(Buffer.byteLength(socketFor(deep, 'linux'))).toBeLessThan(100);
  });

  test('is known by a pipe on Windows, where sockets are no files', () => {
    const [one, other] = [socketFor('C:\\pictures', 'win32'), socketFor('C:\\others', 'win32')];
    expect(one).toMatch(/^\\\\\.\\pipe\\aria-[0-9a-f]{24}$/);
    expect(one).not.toBe(other);
  });
});
