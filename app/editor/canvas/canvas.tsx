import { Background, BackgroundVariant, ReactFlow, SelectionMode, useReactFlow } from '@xyflow/react';
import { type MouseEvent, useRef } from 'react';
import { move, remove } from '../document/commands.ts';
import { perform } from '../document/document-store.ts';
import { NodeCard } from '../node/node-card.tsx';
import { useAdding } from './add-store.ts';
import { ConnectionLine } from './connection-line.tsx';
import { useFlow } from './flow-store.ts';
import { useCanvasDrop } from './use-canvas-drop.ts';
import { useFirstLook } from './use-first-look.ts';
import { useWiring } from './use-wiring.ts';
import { Wire } from './wire.tsx';

const nodeTypes = { card: NodeCard };
const edgeTypes = { wire: Wire };
// Above this many nodes those out of sight are left out; below it, panning is smoother with all of them.
const manyNodes = 150;

/** The drawing surface. */
export function Canvas() {
  const nodes = useFlow((flow) => flow.nodes);
  const edges = useFlow((flow) => flow.edges);
  const { screenToFlowPosition } = useReactFlow();
  const wiring = useWiring();
  const drop = useCanvasDrop();
  const lastPress = useRef(0);
  useFirstLook();

  const search = (event: MouseEvent) => {
    const page = { x: event.clientX, y: event.clientY };
    useAdding.getState().open({ page, canvas: screenToFlowPosition(page) });
  };
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={useFlow.getState().changeNodes}
      onEdgesChange={useFlow.getState().changeEdges}
      onNodeDragStop={(_event, _node, moved) =>
        perform(move(Object.fromEntries(moved.map(({ id, position }) => [id, position]))))
      }
      onSelectionDragStop={(_event, moved) =>
        perform(move(Object.fromEntries(moved.map(({ id, position }) => [id, position]))))
      }
      onDelete={({ nodes: gone, edges: cut }) =>
        perform(
          remove(
            gone.map(({ id }) => id),
            cut.flatMap(({ data }) => data?.edge ?? []),
          ),
        )
      }
      onPaneClick={(event) => {
        if (event.timeStamp - lastPress.current < 350) search(event);
        lastPress.current = event.timeStamp;
      }}
      {...wiring}
      {...drop}
      connectionLineComponent={ConnectionLine}
      connectionRadius={28}
      connectOnClick
      minZoom={0.08}
      maxZoom={2.5}
      zoomOnDoubleClick={false}
      deleteKeyCode={['Delete', 'Backspace']}
      selectionKeyCode="Shift"
      multiSelectionKeyCode={['Shift', 'Meta', 'Control']}
      selectionMode={SelectionMode.Partial}
      panOnScroll={false}
      panActivationKeyCode={null}
      onlyRenderVisibleElements={nodes.length > manyNodes}
      elevateNodesOnSelect
      nodeDragThreshold={2}
      attributionPosition="bottom-right"
      aria-label="Canvas"
    >
      <Background variant={BackgroundVariant.Dots} gap={22} size={1.5} color="var(--dot)" bgColor="var(--canvas)" />
    </ReactFlow>
  );
}
