import { useNodeId, useStore, useUpdateNodeInternals } from '@xyflow/react';
import { useEffect } from 'react';
import type { NodeDefinition } from '../../../nodes/define-node.ts';
import type { GraphNode } from '../../../nodes/graph.ts';
import { portsOf } from '../../../nodes/port-info.ts';
import { titleOf } from '../../../nodes/problems.ts';
import { PortHandle } from './port.tsx';

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
  const update = useUpdateNodeInternals();
  useEffect(() => {
    update(id);
    return () => update(id);
  }, [id, update]);
  const { inputs, outputs } = definition ? portsOf(definition) : { inputs: new Map(), outputs: new Map() };
  return (
    <div style={{ height: height ?? 180 }} className="relative">
      <div className="truncate px-3 pt-1 text-3xl font-semibold text-ink-2">{titleOf(node)}</div>
      <div className="absolute top-1/2 left-0">
        {[...inputs.values()].map((port) => (
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
