#!/usr/bin/env node
// Plain JavaScript, so that it can still say what is missing before anything is installed.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 20)) {
  console.error(`Expected Node.js 20.20 or newer but received ${process.versions.node}; install a newer one.`);
  process.exit(2);
}

let tsx;
try {
  tsx = await import('tsx/esm/api');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(`The packages that Aria needs are not installed. Run "npm ci" in ${folder} and try again.`);
  process.exit(2);
}

tsx.register();
const { main } = await import('./cli.ts');
await main(process.argv.slice(2));
