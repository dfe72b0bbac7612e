import { useState } from 'react';
import { titleOf } from '../../../nodes/problems.ts';
import { nameNode } from '../document/commands.ts';
import { perform, useGraphNode } from '../document/document-store.ts';
import { useRun } from '../runs/run-store.ts';
import { duration } from '../words.ts';
import { NodeIcon } from './node-icon.tsx';
import { NodeMenu } from './node-menu.tsx';
import { StatusRing } from './status-ring.tsx';

/** Title, state and time of a node. Double-click the title to change it. */
export function NodeHeader({ id }: { id: string }) {
  const node = useGraphNode(id);
  const run = useRun(({ nodes }) => nodes[id]);
  if (!node) return null;
  return (
    <header className="flex h-9 items-center gap-2 pr-1.5 pl-3">
      <NodeIcon type={node.type} className="size-3.5 shrink-0 text-ink-3" />
      <Title id={id} title={titleOf(node)} />
      <span className="ml-auto shrink-0 text-[11px] text-ink-3 tabular-nums">
        {node.muted ? 'Muted' : node.bypassed ? 'Bypassed' : <RunTime id={id} />}
      </span>
      <StatusRing run={run} />
      <NodeMenu id={id} />
    </header>
  );
}

function RunTime({ id }: { id: string }) {
  const words = useRun(({ nodes }) => {
    const run = nodes[id];
    if (run?.state === 'done') return run.cached ? 'cached' : run.ms < 50 ? '' : duration(run.ms);
    if (run?.state === 'running' && run.step !== undefined && run.of !== undefined) return `${run.step} / ${run.of}`;
    return run?.state === 'queued' ? 'waiting' : '';
  });
  return words;
}

function Title({ id, title }: { id: string; title: string }) {
  const [editing, setEditing] = useState(false);
  if (!editing) {
    return (
      <h2 className="truncate font-medium" onDoubleClick={() => setEditing(true)} title="Double-click to rename">
        {title}
      </h2>
    );
  }
  return (
    <input
      aria-label="Title of the node"
      defaultValue={title}
      // The person asked for this box by a double click.
      ref={(element) => element?.select()}
      onBlur={(event) => {
        perform(nameNode(id, event.target.value));
        setEditing(false);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setEditing(false);
      }}
      className="nodrag w-full min-w-0 rounded bg-field px-1 font-medium outline-none"
    />
  );
}
