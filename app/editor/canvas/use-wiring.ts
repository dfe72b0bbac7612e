import { type Connection, type FinalConnectionState, type OnConnectStartParams, useReactFlow } from '@xyflow/react';
import { useCallback } from 'react';
import { toast } from 'sonner';
import { connect } from '../document/commands.ts';
import { currentGraph, perform } from '../document/document-store.ts';
import { useAdding } from './add-store.ts';
import { useConnection } from './connection-store.ts';
import { type End, edgeBetween, fittingEnds, refusal } from './fits.ts';
import type { CardNode } from './flow-store.ts';

/** What React Flow needs to let a person draw wires. */
export function useWiring() {
  const { screenToFlowPosition } = useReactFlow<CardNode>();

  const start = useCallback((_event: unknown, { nodeId, handleId, handleType }: OnConnectStartParams) => {
    if (!nodeId || !handleId) return;
    useConnection
      .getState()
      .start({ node: nodeId, port: handleId, side: handleType === 'target' ? 'input' : 'output' });
  }, []);

  const end = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      const { from, circle, stop } = useConnection.getState();
      stop();
      if (!from || state.isValid) return;
      const point = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (!point) return;
      const page = { x: point.clientX, y: point.clientY };
      const over = state.toHandle?.id
        ? endOf(state.toHandle.nodeId, state.toHandle.id, state.toHandle.type)
        : undefined;
      if (over) {
        const refused = refusal(currentGraph(), from, over, circle);
        if (refused) toast.error(refused);
        return;
      }
      const body = nodeUnder(page);
      if (body) connectToBody(from, body, circle);
      else useAdding.getState().open({ page, canvas: screenToFlowPosition(page), from });
    },
    [screenToFlowPosition],
  );

  return {
    onConnectStart: start,
    onConnectEnd: end,
    onClickConnectStart: start,
    onClickConnectEnd: useCallback(() => useConnection.getState().stop(), []),
    onConnect: connectEnds,
    isValidConnection: mayConnect,
  };
}

const endOf = (node: string, port: string, type: 'source' | 'target'): End => ({
  node,
  port,
  side: type === 'target' ? 'input' : 'output',
});

function connectEnds({ source, sourceHandle, target, targetHandle }: Connection): void {
  if (!sourceHandle || !targetHandle) return;
  perform(connect({ from: [source, sourceHandle], to: [target, targetHandle] }));
}

function mayConnect({ source, sourceHandle, target, targetHandle }: EdgeEnds): boolean {
  const { from, circle } = useConnection.getState();
  if (!sourceHandle || !targetHandle || !from) return false;
  const other = from.side === 'output' ? endOf(target, targetHandle, 'target') : endOf(source, sourceHandle, 'source');
  return other.node !== from.node && refusal(currentGraph(), from, other, circle) === undefined;
}

interface EdgeEnds {
  readonly source: string;
  readonly sourceHandle?: string | null | undefined;
  readonly target: string;
  readonly targetHandle?: string | null | undefined;
}

function nodeUnder({ x, y }: { x: number; y: number }): string | undefined {
  const card = document.elementFromPoint(x, y)?.closest('[data-node]');
  return card?.getAttribute('data-node') ?? undefined;
}

function connectToBody(from: End, node: string, circle: ReadonlySet<string>): void {
  if (node === from.node) return;
  const ends = fittingEnds(currentGraph(), from, node, circle);
  const [only] = ends;
  if (only && ends.length === 1) perform(connect(edgeBetween(from, only)));
  else if (only) toast('Several ports of this node fit; drop the wire on one of them.');
  else toast.error('No port of this node takes this wire.');
}
