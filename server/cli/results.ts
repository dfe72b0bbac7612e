import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Graph } from '../../nodes/graph.ts';
import { save } from '../../nodes/save.ts';
import { UsageError } from './arguments.ts';
import type { Engine, SavedPicture } from './engine.ts';

/** A picture to be written: which file of the gallery under which name. */
interface Copy {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Makes the folder ahead of the run, so that a run is not computed for a folder that cannot be. Throws UsageError. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError(`Expected a folder for --out but "${folder}" cannot be made.`, { cause });
  }
}

/**
 * Copies every picture that the run kept, byte by byte, and gives the files' paths. The names come from the Save nodes
 * in the order of the graph, so that the same run gives the same names.
 */
export async function copySaved(engine: Engine, run: string, graph: Graph, folder: string): Promise<string[]> {
  const copies: Copy[] = [];
  for (const [id, node] of Object.entries(graph.nodes)) {
    if (node.type !== save.type || node.muted) continue;
    const wired = graph.edges.some((edge) => edge.to[0] === id && edge.to[1] === 'name');
    const given = wired ? undefined : save.params.shape.name.safeParse(node.params.name).data;
    for (const picture of await engine.saved(run, id))
      copies.push({ name: given ?? baseName(picture), ...bytesOf(picture) });
  }
  const files: string[] = [];
  for (const { name, bytes } of distinct(copies)) {
    const file = path.join(folder, `${name}.png`);
    // A reader never sees half a picture under the final name.
    await writeFile(`${file}.part`, bytes);
    await rename(`${file}.part`, file);
    files.push(file);
  }
  return files;
}

const bytesOf = ({ bytes }: SavedPicture) => ({ bytes });
const baseName = ({ name }: SavedPicture) => path.parse(name).name;

/** The first of several equal names stays as it is; the next become `name-2`, `name-3`, and so on. */
function distinct(copies: readonly Copy[]): Copy[] {
  const taken = new Set<string>();
  return copies.map(({ name, bytes }) => {
    let free = name;
    // Some file systems do not tell upper from lower case.
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name}-${number}`;
    taken.add(free.toLowerCase());
    return { name: free, bytes };
  });
}
