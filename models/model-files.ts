import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** A checkpoint, a network or a file that looks like one, below a models folder. */
export interface ModelFiles {
  /** Relative to the models folder, parts joined by `/`, never with `..`. */
  readonly name: string;
  readonly location: string;
  readonly form: 'folder' | 'safetensors' | 'onnx' | 'pickle';
  /** The files that make up the model, relative to `folder`, in name order. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly bytes: number;
  /** Changes when any of the files does. */
  readonly stamp: string;
}

const forms: Readonly<Record<string, ModelFiles['form']>> = {
  '.safetensors': 'safetensors',
  '.onnx': 'onnx',
  '.ckpt': 'pickle',
  '.pt': 'pickle',
  '.pth': 'pickle',
};
const checkpointFile = /\.(safetensors|json|txt)$/;

/** Everything below a models folder that could be a model, in name order; none where the folder does not exist. */
export async function modelFilesIn(root: string): Promise<ModelFiles[]> {
  const found: ModelFiles[] = [];
  const seen = new Set<string>();
  await walk(root, '', seen, found);
  return found;
}

/** The files of one model: a single file, or a Hugging Face folder. */
export async function modelFilesAt(root: string, name: string): Promise<ModelFiles> {
  const location = path.join(root, name);
  const found = await stat(location);
  if (found.isDirectory()) return describe(name, location, 'folder', location, await checkpointFiles(location, ''));
  const form = forms[path.extname(name).toLowerCase()] ?? 'pickle';
  return describe(name, location, form, path.dirname(location), await withExternalWeights(location, form));
}

async function walk(folder: string, prefix: string, seen: Set<string>, found: ModelFiles[]): Promise<void> {
  const names = await namesIn(folder);
  if (names.length === 0) return;
  // Links may lead round in a circle.
  const real = await realpath(folder);
  if (seen.has(real)) return;
  seen.add(real);
  for (const name of names) {
    const entry = await stat(path.join(folder, name)).catch(ignoreMissing);
    if (!entry) continue;
    const relative = prefix ? `${prefix}/${name}` : name;
    if (!entry.isDirectory()) {
      if (forms[path.extname(name).toLowerCase()])
        found.push(await modelFilesAt(folder, name).then((model) => ({ ...model, name: relative })));
    } else if ((await namesIn(path.join(folder, name))).includes('model_index.json')) {
      found.push({ ...(await modelFilesAt(folder, name)), name: relative });
    } else await walk(path.join(folder, name), relative, seen, found);
  }
}

async function checkpointFiles(root: string, prefix: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of await namesIn(path.join(root, prefix))) {
    const relative = prefix ? `${prefix}/${name}` : name;
    const entry = await stat(path.join(root, relative)).catch(ignoreMissing);
    if (entry?.isDirectory() && !prefix) files.push(...(await checkpointFiles(root, relative)));
    else if (entry?.isFile() && checkpointFile.test(name)) files.push(relative);
  }
  return files;
}

/** Large ONNX files keep their weights beside them as `name.onnx.data` or `name.onnx_data`; single checkpoints a YAML config. */
async function withExternalWeights(location: string, form: ModelFiles['form']): Promise<string[]> {
  const base = path.basename(location);
  const beside = form === 'onnx' ? [`${base}.data`, `${base}_data`] : [base.replace(/\.safetensors$/i, '.yaml')];
  const names = new Set(await namesIn(path.dirname(location)));
  return [base, ...beside.filter((name) => name !== base && names.has(name))];
}

async function describe(
  name: string,
  location: string,
  form: ModelFiles['form'],
  folder: string,
  files: readonly string[],
): Promise<ModelFiles> {
  const states = await Promise.all(files.map((file) => stat(path.join(folder, file), { bigint: true })));
  const bytes = states.reduce((sum, { size }) => sum + Number(size), 0);
  const stamp = states.map(({ ino, size, mtimeNs }) => `${ino}:${size}:${mtimeNs}`).join(' ');
  return { name, location, form, folder, files, bytes, stamp };
}

/** Names in order; hidden files, which include unfinished downloads, are left out. */
async function namesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(ignoreMissing)) ?? [];
  return names.filter((name) => !name.startsWith('.')).sort();
}

// A file may be removed, or a link left hanging, between two looks.
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
