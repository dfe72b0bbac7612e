import { readFile } from 'node:fs/promises';
import { type Graph, GraphError, readGraph } from '../../nodes/graph.ts';
import { PngError } from '../../nodes/png-chunks.ts';
import { readPngText } from '../../nodes/png-text.ts';
import { mediaType } from '../api/media-type.ts';
import { UsageError } from './arguments.ts';

const largestFile = 256 * 1024 * 1024;

/** The graph in a file: a graph document, or a picture saved by Aria. Throws UsageError with one sentence. */
export async function graphInFile(file: string): Promise<Graph> {
  const bytes = await bytesOf(file);
  if (bytes.length === 0) throw new UsageError(`Expected a graph in "${file}" but the file is empty.`);
  if (bytes.length > largestFile) {
    throw new UsageError(`Expected a graph in "${file}" but the file is larger than 256 MB.`);
  }
  try {
    return readGraph(await documentIn(bytes, file));
  } catch (cause) {
    if (!(cause instanceof GraphError || cause instanceof PngError)) throw cause;
    throw new UsageError(`"${file}" cannot be used. ${cause.message}`, { cause });
  }
}

/** The text of the graph, out of the picture where the file is one. */
async function documentIn(bytes: Buffer, file: string): Promise<string> {
  const type = mediaType(bytes);
  if (type === 'application/octet-stream') return bytes.toString('utf8');
  const text = type === 'image/png' ? (await readPngText(bytes)).get('aria') : undefined;
  if (text === undefined) throw new UsageError(`Expected a graph in "${file}" but this picture carries none.`);
  return text;
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
