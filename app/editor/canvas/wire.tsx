import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from '@xyflow/react';
import { memo, useState } from 'react';
import type { PortKind } from '../../../nodes/ports.ts';
import { useChecks } from '../document/checks-store.ts';
import { useDocument } from '../document/document-store.ts';
import { useRun } from '../runs/run-store.ts';
import { classes } from '../ui/classes.ts';
import { sizeWords, spelled } from '../words.ts';
import { portAt } from './fits.ts';
import type { WireEdge } from './flow-store.ts';
import { kindColour } from './port-mark.tsx';

/** A wire in the colour of what travels along it, with the size of the pictures written on it. */
export const Wire = memo(function Wire(props: EdgeProps<WireEdge>) {
  const { source, sourceHandleId, target, targetHandleId, selected = false, data } = props;
  const [near, setNear] = useState(false);
  const [path, x, y] = getBezierPath({ ...props, curvature: 0.35 });
  const kind = useKind(source, sourceHandleId ?? '');
  const size = useChecks(({ sizes }) => {
    const known = sizes.get(source)?.[sourceHandleId ?? ''];
    return known ? sizeWords(known) : undefined;
  });
  const wrong = useChecks(({ byNode }) =>
    (byNode.get(target) ?? []).some(({ code, port }) => port === targetHandleId && code === 'wrong-kind'),
  );
  const flowing = useRun(({ nodes }) => nodes[target]?.state === 'running');
  const label = near && kind ? [spelled(kind), size].filter(Boolean).join(' · ') : size;
  return (
    <g
      className={classes(kind && kindColour[kind])}
      data-wire={data ? `${data.edge.from.join('.')} ${data.edge.to.join('.')}` : undefined}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
    >
      <BaseEdge
        path={path}
        interactionWidth={22}
        style={{
          stroke: wrong ? 'var(--bad)' : selected ? 'var(--accent)' : 'var(--kind, var(--line-strong))',
          strokeWidth: selected || near ? 3 : 2,
          strokeDasharray: wrong ? '5 5' : undefined,
          opacity: selected || near || wrong || flowing ? 1 : 0.62,
        }}
      />
      {flowing && (
        <path
          d={path}
          fill="none"
          stroke="var(--kind)"
          strokeWidth="3"
          strokeDasharray="6 14"
          className="animate-flow"
        />
      )}
      {label && <WireLabel text={label} x={x} y={y} strong={near || selected} />}
    </g>
  );
});

function WireLabel({ text, x, y, strong }: { text: string; x: number; y: number; strong: boolean }) {
  return (
    <EdgeLabelRenderer>
      <div
        className={classes(
          'pointer-events-none absolute rounded-md border border-line bg-surface px-1.5 text-[10px] leading-4 text-ink-3 tabular-nums',
          strong && 'border-line-strong text-ink',
        )}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y - 12}px)` }}
      >
        {text}
      </div>
    </EdgeLabelRenderer>
  );
}

const useKind = (node: string, port: string): PortKind | undefined =>
  useDocument(({ history: { present } }) => portAt(present, { node, port, side: 'output' })?.kind);
