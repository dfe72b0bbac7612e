import { type ConnectionLineComponentProps, getBezierPath } from '@xyflow/react';
import { useDocument } from '../document/document-store.ts';
import { classes } from '../ui/classes.ts';
import { useConnection } from './connection-store.ts';
import { portAt, refusal } from './fits.ts';
import type { CardNode } from './flow-store.ts';
import { kindColour } from './port-mark.tsx';

/** The wire that is being drawn, and the reason when it cannot end where the pointer is. */
export function ConnectionLine(props: ConnectionLineComponentProps<CardNode>) {
  const { fromX, fromY, toX, toY, fromPosition, toPosition, toHandle, toNode } = props;
  const { from, circle } = useConnection();
  const graph = useDocument(({ history: { present } }) => present);
  const kind = from && portAt(graph, from)?.kind;
  const over =
    toHandle?.id && toNode
      ? ({ node: toNode.id, port: toHandle.id, side: toHandle.type === 'target' ? 'input' : 'output' } as const)
      : undefined;
  const refused = from && over ? refusal(graph, from, over, circle) : undefined;
  const [path] = getBezierPath({
    sourceX: fromX,
    sourceY: fromY,
    sourcePosition: fromPosition,
    targetX: toX,
    targetY: toY,
    targetPosition: toPosition,
    curvature: 0.35,
  });
  return (
    <g className={classes(kind && kindColour[kind])}>
      <path
        d={path}
        fill="none"
        stroke={refused ? 'var(--bad)' : 'var(--kind)'}
        strokeWidth="2.5"
        strokeDasharray={refused ? '5 5' : undefined}
      />
      {!over && <circle cx={toX} cy={toY} r="4" fill="var(--kind)" />}
      {refused && (
        <foreignObject x={toX + 14} y={toY + 8} width="280" height="80" className="overflow-visible">
          <div
            role="alert"
            className="w-fit max-w-[270px] rounded-lg border border-line-strong bg-raised px-2.5 py-1.5 text-xs text-bad shadow-float"
          >
            {refused}
          </div>
        </foreignObject>
      )}
    </g>
  );
}
