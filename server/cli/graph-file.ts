import { readFile } from 'node:fs/promises';
import { type Graph, GraphError, readGraph } from '../../nodes/graph.ts';
import { UsageError } from './arguments.ts';

const largestGraph = 64 * 1024 * 1024;

/** The graph in a file: a graph document, or a picture saved by Aria. Throws UsageError with one sentence. */
export async function graphInFile(file: string): Promise<Graph> {
  const bytes = await bytesOf(file);
  if (bytes.length === 0) throw new UsageError(`Expected a graph in "${file}" but the file is empty.`);
  if (bytes.length > largestGraph)
    throw new UsageError(`Expected a graph in "${file}" but the file is larger than 64 MB.`);
  try {
    return readGraph(bytes.toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new UsageError(`"${file}" cannot be used. ${cause.message}`, { cause });
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') throw new UsageError(`There is no file "${file}".`, { cause });
    if (code === 'EISDIR') throw new UsageError(`Expected a graph file but "${file}" is a folder.`, { cause });
    throw new UsageError(`The file "${file}" cannot be read.`, { cause });
  }
}
