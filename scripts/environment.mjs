// What every script of the project shares. Node built-ins only: `npm start` runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

export const environment = {
  ...process.env,
  NEXT_TELEMETRY_DISABLED: '1',
  // The CUDA libraries are a choice (`npm run setup:cuda`); fetching them must not fail an ordinary install.
  ONNXRUNTIME_NODE_INSTALL: process.env.ONNXRUNTIME_NODE_INSTALL ?? 'skip',
};

const began = performance.now();
/** One line for the person, with the seconds since the start. */
export const say = (line) => console.log(`[${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s] ${line}`);

/** Ends the process with one sentence on an older Node.js. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 20)) return;
  console.error(`Aria needs Node.js 20.20 or newer; this is ${process.version}. Get it from https://nodejs.org.`);
  process.exit(1);
}

/** Runs a command to its end and returns whether it succeeded. */
export function run(command, parameters, extra = {}) {
  const result = spawnSync(command, parameters, {
    cwd: root,
    stdio: 'inherit',
    env: { ...environment, ...extra },
    shell: process.platform === 'win32',
  });
  return result.status === 0;
}

/** Runs a script of an installed package with this very Node.js. */
export const runPackage = (script, parameters, extra) =>
  run(process.execPath, [path.join('node_modules', script), ...parameters], extra);

/** Installs the dependencies when the lockfile is not the one that was installed last. */
export function install() {
  const stamp = path.join(root, 'node_modules/.install-stamp');
  const lock = digestOf(['package-lock.json', 'package.json', '.npmrc']);
  if (readStamp(stamp) === lock) return;
  say('installing packages (npm ci); the first time this takes a minute or two');
  if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
    console.error('The packages could not be installed. Look at the lines above; check the network and try again.');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** Builds the pages when their sources are not the ones that were built last. */
export function build() {
  const stamp = path.join(root, '.next/.build-stamp');
  const sources = digestOf([
    ...['package-lock.json', 'next.config.js', 'postcss.config.mjs', 'tsconfig.json', 'instrumentation.ts'],
    ...['app', 'server', 'nodes', 'models', 'drizzle'].flatMap(codeBelow),
  ]);
  if (readStamp(stamp) === sources) return;
  say('building the pages');
  if (!runPackage('next/dist/bin/next', ['build'])) {
    console.error('The pages could not be built. Look at the lines above.');
    process.exit(1);
  }
  writeFileSync(stamp, sources);
}

const codeBelow = (folder) =>
  readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|mjs|css|sql|json|svg|ico)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    if (existsSync(path.join(root, file))) hash.update(file).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

const readStamp = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
