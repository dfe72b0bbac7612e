import { type NodeProps, useStore } from '@xyflow/react';
import { memo } from 'react';
import { definitionOf } from '../../../nodes/catalog.ts';
import type { CardNode } from '../canvas/flow-store.ts';
import { useGraphNode } from '../document/document-store.ts';
import { useRun } from '../runs/run-store.ts';
import { classes } from '../ui/classes.ts';
import { cardWidth } from './card-size.ts';
import { FarCard } from './far-card.tsx';
import { KnownBody } from './known-body.tsx';
import { NodeHeader } from './node-header.tsx';
import { UnknownBody } from './unknown-body.tsx';

/** Below this zoom the words on a node cannot be read, so that only boxes are drawn. */
const farZoom = 0.28;

/** A node on the canvas. */
export const NodeCard = memo(function NodeCard({ id, selected }: NodeProps<CardNode>) {
  const node = useGraphNode(id);
  const state = useRun(({ nodes }) => nodes[id]?.state);
  const cached = useRun(({ nodes }) => {
    const run = nodes[id];
    return run?.state === 'done' && run.cached;
  });
  const far = useStore(({ transform }) => transform[2] < farZoom);
  if (!node) return null;
  const definition = definitionOf(node.type);
  return (
    <article
      aria-label={node.title ?? definition?.title ?? node.type}
      data-state={state ?? 'idle'}
      data-node={id}
      style={{ width: node.layout.w ?? cardWidth }}
      className={classes(
        'group/card relative rounded-xl border border-line bg-surface shadow-card transition-[border-color,box-shadow] duration-150',
        state === 'running' && 'border-accent',
        state === 'failed' && 'border-bad',
        cached && 'animate-cached',
        selected && 'border-accent ring-1 ring-accent',
        node.muted && 'opacity-45',
        node.bypassed && 'border-dashed border-line-strong opacity-75',
      )}
    >
      {far ? (
        <FarCard id={id} node={node} definition={definition} />
      ) : (
        <>
          <NodeHeader id={id} />
          {definition ? <KnownBody id={id} node={node} definition={definition} /> : <UnknownBody id={id} node={node} />}
        </>
      )}
    </article>
  );
});
