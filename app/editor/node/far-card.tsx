import { useNodeId, useStore, useUpdateNodeInternals } from '@xyflow/react';
import { useEffect } from 'react';
import type { NodeDefinition } from '../../../nodes/define-node.ts';
import type { GraphNode } from '../../../nodes/graph.ts';
import { portsOf } from '../../../nodes/port-info.ts';
import { titleOf } from '../../../nodes/problems.ts';
import { useDocument } from '../document/document-store.ts';
import { PortHandle } from './port.tsx';
import { isWired } from './wired-ends.ts';

/** A node seen from far away: a box with its title and its ports, as tall as it was. */
export function FarCard({
  id,
  node,
  definition,
}: {
  id: string;
  node: GraphNode;
  definition: NodeDefinition | undefined;
}) {
  const flowId = useNodeId();
  const height = useStore(({ nodeLookup }) => (flowId ? nodeLookup.get(flowId)?.measured.height : undefined));
  const edges = useDocument(({ history: { present } }) => present.edges);
  const update = useUpdateNodeInternals();
  useEffect(() => {
    update(id);
    return () => update(id);
  }, [id, update]);
  const { inputs, outputs } = definition ? portsOf(definition) : { inputs: new Map(), outputs: new Map() };
  // Parameters show their end only where a wire needs it: a thousand nodes have many of them.
  const shown = [...inputs.values()].filter(({ parameter, name }) => !parameter || isWired(edges, id, name, 'input'));
  return (
    <div style={{ height: height ?? 180 }} className="relative">
      <div className="truncate px-3 pt-1 text-3xl font-semibold text-ink-2">{titleOf(node)}</div>
      <div className="absolute top-1/2 left-0">
        {shown.map((port) => (
          <PortHandle key={port.name} node={id} port={port} side="input" faint={port.parameter} />
        ))}
      </div>
      <div className="absolute top-1/2 right-0">
        {[...outputs.values()].map((port) => (
          <PortHandle key={port.name} node={id} port={port} side="output" />
        ))}
      </div>
    </div>
  );
}
