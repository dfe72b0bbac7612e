import { Handle, Position } from '@xyflow/react';
import type { GraphNode } from '../../../nodes/graph.ts';
import { useNodeProblems } from '../document/checks-store.ts';
import { useDocument } from '../document/document-store.ts';
import { ProblemList } from './node-problems.tsx';

/** A node that this version does not know: its data and its wires are kept as they are. */
export function UnknownBody({ id, node }: { id: string; node: GraphNode }) {
  const edges = useDocument(({ history: { present } }) => present.edges);
  const inputs = new Set(edges.filter(({ to }) => to[0] === id).map(({ to }) => to[1]));
  const outputs = new Set(edges.filter(({ from }) => from[0] === id).map(({ from }) => from[1]));
  return (
    <div className="border-t border-line p-2">
      <div className="mb-2 flex justify-between gap-4 text-xs text-ink-2">
        <div>{[...inputs].map((name) => bare(name, 'target'))}</div>
        <div className="text-right">{[...outputs].map((name) => bare(name, 'source'))}</div>
      </div>
      <ProblemList problems={useNodeProblems(id)} />
      <pre className="nowheel mt-2 max-h-40 overflow-auto rounded-md bg-field p-2 text-[11px] text-ink-3">
        {JSON.stringify(node.params, null, 2)}
      </pre>
    </div>
  );
}

const bare = (name: string, type: 'source' | 'target') => (
  <div key={name} className="relative h-6 px-2 leading-6">
    <Handle
      id={name}
      type={type}
      position={type === 'target' ? Position.Left : Position.Right}
      isConnectable={false}
      className={type === 'target' ? '-left-2! size-3! bg-line-strong!' : '-right-2! size-3! bg-line-strong!'}
    />
    {name}
  </div>
);
