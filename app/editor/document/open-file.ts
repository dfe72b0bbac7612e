import { toast } from 'sonner';
import { catalog } from '../../../nodes/catalog.ts';
import { GraphError, readGraph } from '../../../nodes/graph.ts';
import { PngError } from '../../../nodes/png-chunks.ts';
import { readPngText } from '../../../nodes/png-text.ts';
import type { ImageRef } from '../../../nodes/ports.ts';
import { upload } from '../api.ts';
import { sentenceOf } from '../words.ts';
import { addNode, freeId, newNode, type Place } from './commands.ts';
import { currentGraph, perform } from './document-store.ts';
import { openDetached } from './graphs.ts';

/** The keyword under which a picture carries its graph. */
const keyword = 'aria';

/**
 * Opens what a file holds: the graph of a picture made here, a graph saved as JSON, or any other picture in a node of its
 * own at the given place. Says in a sentence what is wrong with a file that is none of these, and tells what was opened.
 */
export async function openFile(file: File, place: Place): Promise<'graph' | 'picture' | 'nothing'> {
  try {
    if (file.type === 'application/json' || file.name.endsWith('.json')) {
      await openDetached(readGraph(await file.text()), 'Open graph');
      return 'graph';
    }
    const graph = await embeddedGraph(file);
    if (graph !== undefined) {
      await openDetached(readGraph(graph), 'Open the graph of a picture');
      toast.success(`The graph of ${file.name} is open.`);
      return 'graph';
    }
    placePicture(await upload(file), place);
    return 'picture';
  } catch (error) {
    if (error instanceof GraphError) toast.error(`${file.name}: ${error.message}`);
    else toast.error(sentenceOf(error));
    return 'nothing';
  }
}

/** Only a PNG can carry a graph; a damaged one is left to the server, which says what is wrong with it. */
async function embeddedGraph(file: File): Promise<string | undefined> {
  try {
    return (await readPngText(new Uint8Array(await file.arrayBuffer()))).get(keyword);
  } catch (error) {
    if (error instanceof PngError) return undefined;
    throw error;
  }
}

function placePicture(picture: ImageRef, place: Place): void {
  const definition = catalog['load-image'];
  const node = { ...newNode(definition, place), params: { image: picture } };
  perform(addNode(freeId(currentGraph(), definition.type), node, definition.title));
}
