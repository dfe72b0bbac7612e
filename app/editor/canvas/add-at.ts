import type { NodeDefinition } from '../../../nodes/define-node.ts';
import { addNode, freeId, newNode, type Place } from '../document/commands.ts';
import { currentGraph, perform } from '../document/document-store.ts';
import { cardWidth } from '../node/card-size.ts';
import { type End, edgeBetween } from './fits.ts';
import { useFlow } from './flow-store.ts';

// From the top of a card to the middle of its first port.
const firstPort = 54;

/** Adds a node, wires it where a wire waits for it, selects it, and gives its id. */
export function addAt(definition: NodeDefinition, place: Place, wire?: { from: End; port: string }): string {
  const id = freeId(currentGraph(), definition.type);
  const toLeft = wire?.from.side === 'input';
  const corner = wire ? { x: place.x - (toLeft ? cardWidth : 0), y: place.y - firstPort } : place;
  const edges = wire ? [edgeBetween(wire.from, { node: id, port: wire.port, side: toLeft ? 'output' : 'input' })] : [];
  perform(addNode(id, newNode(definition, corner), definition.title, edges));
  useFlow.getState().select([id]);
  return id;
}
