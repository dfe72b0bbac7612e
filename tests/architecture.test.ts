import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const folders = ['app', 'nodes', 'models', 'server', 'drizzle'] as const;

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typesOnly: boolean;
}

const files = folders.flatMap((folder) =>
  readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')),
);

/** Every import of a file, with our own files as paths from the root. */
function importsOf(file: string): Import[] {
  const source = readFileSync(path.join(root, file), 'utf8');
  const found: Import[] = [];
  const statement =
    /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm;
  for (const [, typed, fixed, dynamic] of source.matchAll(statement)) {
    const specifier = fixed ?? dynamic ?? '';
    const own = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
    found.push({ file, from: own.replace(/^@\//, ''), typesOnly: typed !== undefined });
  }
  return found;
}
const imports = files.flatMap(importsOf);
const inside = (place: string) => folders.find((folder) => place.startsWith(`${folder}/`));

// Pages that run on the server only, and the route handlers: the two kinds of app file that may call server code.
const mayCallServer = (file: string) => /\/(route|page|layout)\.tsx?$/.test(`/${file}`);

function allowed({ file, from, typesOnly }: Import): boolean {
  const source = inside(file);
  const target = inside(from);
  if (!target || source === target) return true;
  if (source === 'app') return target === 'nodes' || (target === 'server' && (typesOnly || mayCallServer(file)));
  if (source === 'server') return target === 'nodes' || target === 'models' || target === 'drizzle';
  // The names of samplers and schedules are values that the node's schema lists; contracts.ts imports nothing.
  if (source === 'nodes') return from === 'models/contracts.ts';
  return false;
}

test('each folder imports only what the architecture allows', () => {
  const broken = imports.filter((one) => !allowed(one)).map(({ file, from }) => `${file} imports ${from}`);
  expect(broken).toEqual([]);
});

test.each([
  ['onnxruntime-node', ['models/session.ts']],
  ['sharp', ['models/pixels.ts', 'server/store/images.ts']],
  ['pg-boss', ['server/runs/queue.ts']],
])('only its own files import %s', (name, owners) => {
  const users = imports.filter(({ from }) => from === name || from.startsWith(`${name}/`)).map(({ file }) => file);
  expect(users.filter((file) => !owners.includes(file))).toEqual([]);
});

test('only the store and the schema speak to the database', () => {
  const users = imports.filter(({ from }) => /^(drizzle-orm|pg|@electric-sql\/pglite)($|\/)/.test(from));
  const outside = users.map(({ file }) => file).filter((file) => !/^(server\/store|drizzle)\//.test(file));
  expect(outside).toEqual([]);
});

test('the nodes stay free of Node.js, so that the browser reads the same files', () => {
  const users = imports.filter(({ file, from }) => file.startsWith('nodes/') && from.startsWith('node:'));
  expect(users).toEqual([]);
});

test('files do not import each other in a circle', () => {
  const values = new Map(files.map((file) => [file, imports.filter((one) => one.file === file && !one.typesOnly)]));
  const settled = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, trail: readonly string[]) => {
    if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
    if (settled.has(file) || trail.includes(file)) return;
    for (const { from } of values.get(file) ?? []) if (values.has(from)) visit(from, [...trail, file]);
    settled.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('no file is a barrel', () => {
  const barrels = files.filter((file) => {
    const source = readFileSync(path.join(root, file), 'utf8').replace(/^\/[/*].*$/gm, '');
    const statements = source.split('\n').filter((line) => line.trim() !== '');
    return statements.length > 1 && statements.every((line) => /^export (\*|\{|type \{)/.test(line));
  });
  expect(barrels).toEqual([]);
});
