import * as z from 'zod';
import { definitionOf } from '../../nodes/catalog.ts';
import type { Graph } from '../../nodes/graph.ts';
import { imageRef } from '../../nodes/ports.ts';
import type { RunEvent } from '../engine/events.ts';
import type { KeptPicture } from '../store/images-index.ts';

const listOf = <Item extends z.ZodType>(item: Item) => z.union([z.array(item), item.transform((one) => [one])]);
const keptOutputs = z.object({ image: listOf(imageRef), file: listOf(z.string()) });

/** The pictures that a node kept in the gallery, as its end tells: several when it was mapped over a list. */
export function keptPictures(event: RunEvent, graph: Graph): KeptPicture[] {
  if (event.type !== 'node-end') return [];
  const type = graph.nodes[event.node]?.type ?? '';
  const outputs = definitionOf(type)?.purity === 'effect' ? keptOutputs.safeParse(event.outputs).data : undefined;
  if (!outputs) return [];
  return outputs.image.flatMap((image, at) => {
    const file = outputs.file[at];
    return file === undefined ? [] : [{ ...image, file, node: event.node }];
  });
}
