import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Graph } from '../../nodes/graph.ts';
import { save } from '../../nodes/save.ts';
import { UsageError } from './arguments.ts';
import type { Engine } from './engine.ts';

/** Makes the folder ahead of the run, so that a run is not computed for a folder that cannot be. Throws UsageError. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError(`Expected a folder for --out but "${folder}" cannot be made.`, { cause });
  }
}

/** The places in the gallery that the Save nodes gave, by the id of the node. */
export type SavedFiles = ReadonlyMap<string, readonly string[]>;

/**
 * Copies every picture that the run kept, byte by byte, and gives the files' paths. The names come from the Save nodes
 * in the order of the graph, so that the same run gives the same names.
 */
export async function copySaved(engine: Engine, saved: SavedFiles, graph: Graph, folder: string): Promise<string[]> {
  const copies = Object.keys(graph.nodes).flatMap((id) =>
    (saved.get(id) ?? []).map((place) => ({ place, name: givenName(graph, id) ?? path.posix.parse(place).name })),
  );
  const files: string[] = [];
  for (const { name, place } of distinct(copies)) {
    const file = path.join(folder, `${name}.png`);
    // A reader never sees half a picture under the final name.
    await writeFile(`${file}.part`, await engine.saved(place));
    await rename(`${file}.part`, file);
    files.push(file);
  }
  return files;
}

/** The file name as typed on a Save node; nothing where a wire brings it. */
function givenName(graph: Graph, id: string): string | undefined {
  const wired = graph.edges.some(({ to }) => to[0] === id && to[1] === 'name');
  return wired ? undefined : save.params.shape.name.safeParse(graph.nodes[id]?.params.name).data;
}

interface Copy {
  readonly place: string;
  readonly name: string;
}

/** The first of several equal names stays as it is; the next become `name-2`, `name-3`, and so on. */
function distinct(copies: readonly Copy[]): Copy[] {
  const taken = new Set<string>();
  return copies.map(({ name, place }) => {
    let free = name;
    // Some file systems do not tell upper from lower case.
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name}-${number}`;
    taken.add(free.toLowerCase());
    return { name: free, place };
  });
}
