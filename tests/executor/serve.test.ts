import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

function start(name: string): ChildProcess & Disposable {
  const file = fileURLToPath(new URL(`../support/${name}`, import.meta.url));
  const child = fork(file, {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return Object.assign(child, { [Symbol.dispose]: () => void child.kill('SIGKILL') });
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message]: unknown[] = await once(child, 'message');
  return message;
}

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await wait(50);
  }
}

test('a message of another kind is ignored, and so is a stop for a run that has ended', async () => {
  using child = start('fake-executor.ts');
  expect(await nextMessage(child)).toMatchObject({ type: 'ready' });
  for (const odd of ['hello', { type: 'launch' }, { type: 'run', call: 1 }, { type: 'stop', call: 99 }])
    child.send(odd);
  child.send({ type: 'health', call: 7 });
  expect(await nextMessage(child)).toMatchObject({ type: 'answer', call: 7, value: { pid: child.pid, runs: 0 } });
});

test('Ctrl-C, which reaches the whole process group, is left to the parent', async () => {
  using child = start('fake-executor.ts');
  await nextMessage(child);
  child.kill('SIGINT');
  child.send({ type: 'health', call: 1 });
  expect(await nextMessage(child)).toMatchObject({ type: 'answer', call: 1 });
});

test('the process ends when the channel to its parent closes', async () => {
  using child = start('fake-executor.ts');
  await nextMessage(child);
  const exit = once(child, 'exit');
  child.disconnect();
  expect(await exit).toEqual([0, null]);
});

test('the process ends when its parent is killed', async () => {
  using parent = start('executor-parent.ts');
  const pid = await nextMessage(parent);
  if (typeof pid !== 'number') throw new Error('Expected the process id of the executor.');
  parent.kill('SIGKILL');
  await untilGone(pid);
});
