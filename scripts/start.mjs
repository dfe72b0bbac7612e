#!/usr/bin/env node
// `npm start`: installs, builds, starts and prints the address. Each step is skipped when its inputs have not changed.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { build, environment, install, requireNode, root, say } from './environment.mjs';

requireNode();
install();
build();

const host = process.env.HOST ?? '127.0.0.1';
const port = await freePort(Number(process.env.PORT ?? 3000), process.env.PORT !== undefined);
const address = `http://${host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host}:${port}`;
say('starting');
const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '-p', String(port), '-H', host], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...environment, PORT: String(port) },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
endWithNpm();
server.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));

await untilItAnswers();
say(`Aria is ready: ${address}`);
console.log('          Open the address, press Ctrl+Enter, and watch the picture appear. Ctrl+C ends Aria.');

async function untilItAnswers() {
  for (;;) {
    try {
      const answer = await fetch(`http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}/`, { redirect: 'manual' });
      if (answer.status < 500) return;
    } catch {
      // Refused connections are expected until the server listens; its end is handled above.
    }
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** The wanted port, or the next free one when nobody insisted on it. */
async function freePort(wanted, insisted) {
  for (let candidate = wanted; candidate < wanted + 50; candidate++) {
    if (await isFree(candidate)) return candidate;
    if (insisted) {
      console.error(`Port ${wanted} is in use by another program. Choose another: PORT=${wanted + 1} npm start`);
      process.exit(1);
    }
  }
  console.error(`No free port between ${wanted} and ${wanted + 49}. Choose one: PORT=8080 npm start`);
  process.exit(1);
}

function isFree(candidate) {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(candidate, host, () => probe.close(() => answer(true)));
  });
}

/** Ends Aria when the npm that started it is gone: a signal sent to npm reaches its shell, but not what the shell started. */
function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) server.kill('SIGTERM');
  }, 1000).unref();
}
