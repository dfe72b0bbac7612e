import { ChevronRight } from 'lucide-react';
import { memo, useState } from 'react';
import type { NodeDefinition } from '../../../nodes/define-node.ts';
import type { GraphNode } from '../../../nodes/graph.ts';
import { type Port, portsOf } from '../../../nodes/port-info.ts';
import { useNodeProblems } from '../document/checks-store.ts';
import { type FieldDescription, fieldsOf } from '../fields/describe-field.ts';
import { Field } from '../fields/field.tsx';
import { useRun } from '../runs/run-store.ts';
import { classes } from '../ui/classes.ts';
import { NodePicture } from './node-picture.tsx';
import { ProblemList } from './node-problems.tsx';
import { PortHandle, useWired } from './port.tsx';

interface BodyProps {
  id: string;
  node: GraphNode;
  definition: NodeDefinition;
}

/** Ports, fields, result and problems of a node whose type is known. */
export function KnownBody({ id, node, definition }: BodyProps) {
  const folded = node.layout.collapsed === true;
  return (
    <>
      <Ports id={id} definition={definition} />
      {!folded && <Fields id={id} definition={definition} />}
      <Remarks id={id} folded={folded} definition={definition} />
      <div className="px-2 pb-2 empty:hidden">
        <NodePicture id={id} />
      </div>
    </>
  );
}

const Ports = memo(function Ports({ id, definition }: Pick<BodyProps, 'id' | 'definition'>) {
  const { inputs, outputs } = portsOf(definition);
  const left = [...inputs.values()].filter(({ parameter }) => !parameter);
  return (
    <div className="flex justify-between gap-4 border-t border-line py-1.5">
      <PortColumn id={id} ports={left} side="input" />
      <PortColumn id={id} ports={[...outputs.values()]} side="output" />
    </div>
  );
});

function PortColumn({ id, ports, side }: { id: string; ports: Port[]; side: 'input' | 'output' }) {
  return (
    <div className={classes('min-w-0', side === 'output' && 'ml-auto text-right')}>
      {ports.map((port) => (
        <div key={port.name} className="relative flex h-6 items-center px-3.5">
          <PortHandle node={id} port={port} side={side} />
          <PortLabel node={id} port={port} side={side} />
        </div>
      ))}
    </div>
  );
}

function PortLabel({ node, port, side }: { node: string; port: Port; side: 'input' | 'output' }) {
  const wrong = useNodeProblems(node).some(({ port: name, severity }) => name === port.name && severity === 'error');
  return (
    <span
      className={classes('w-full truncate text-xs text-ink-2', wrong && side === 'input' && 'font-medium text-bad')}
    >
      {port.label}
      {side === 'input' && !port.required && <span className="text-ink-3"> (optional)</span>}
    </span>
  );
}

const Fields = memo(function Fields({ id, definition }: Pick<BodyProps, 'id' | 'definition'>) {
  const [open, setOpen] = useState(false);
  const all = fieldsOf(definition.params);
  const plain = all.filter(({ advanced }) => !advanced);
  const advanced = all.filter((field) => field.advanced);
  if (all.length === 0) return null;
  return (
    <div className="flex flex-col gap-1 px-2 pb-2">
      {plain.map((field) => (
        <FieldLine key={field.name} id={id} field={field} definition={definition} />
      ))}
      {advanced.length > 0 && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="nodrag flex h-6 items-center gap-1 self-start rounded px-1.5 text-xs text-ink-3 hover:text-ink"
        >
          <ChevronRight className={classes('size-3 transition-transform', open && 'rotate-90')} />
          Advanced
        </button>
      )}
      {advanced.map((field) => (
        <FieldLine key={field.name} id={id} field={field} definition={definition} hidden={!open} />
      ))}
    </div>
  );
});

function FieldLine({ id, field, definition, hidden = false }: FieldLineProps) {
  const problems = useNodeProblems(id);
  const port = portsOf(definition).inputs.get(field.name);
  const wired = useWired(id, field.name, 'input');
  const own = problems.filter((problem) => problem.port === field.name);
  // A wire must keep its end, and a problem its sentence, when the rest is folded away.
  if (hidden && !wired && own.length === 0) return null;
  return (
    <div className="relative flex flex-col gap-1">
      {port && <PortOfField id={id} port={port} />}
      {wired ? (
        <div className="flex h-7 items-center justify-between rounded-md bg-field px-2.5 text-ink-3">
          <span>{field.label}</span>
          <span className="text-xs">from the wire</span>
        </div>
      ) : (
        <div title={field.control === 'textarea' ? undefined : field.hint}>
          <Field node={id} field={field} />
        </div>
      )}
      <ProblemList problems={own} />
    </div>
  );
}

interface FieldLineProps {
  id: string;
  field: FieldDescription;
  definition: NodeDefinition;
  hidden?: boolean;
}

const PortOfField = ({ id, port }: { id: string; port: Port }) => (
  <div className="absolute top-0 -left-2 h-7">
    <PortHandle node={id} port={port} side="input" faint />
  </div>
);

/** Problems that stand at no field, what the node said in the last run, and why it failed. */
function Remarks({ id, folded, definition }: { id: string; folded: boolean; definition: NodeDefinition }) {
  const problems = useNodeProblems(id);
  const run = useRun(({ nodes }) => nodes[id]);
  const elsewhere = folded
    ? problems
    : problems.filter(({ port }) => port === undefined || !Object.hasOwn(definition.params.shape, port));
  const said = run?.state === 'done' ? run.warnings : run?.state === 'skipped' ? [run.reason] : [];
  const shown = [
    ...elsewhere,
    ...said.map((message) => ({ code: 'remark' as const, severity: 'warning' as const, node: id, message })),
    ...(run?.state === 'failed'
      ? [{ code: 'remark' as const, severity: 'error' as const, node: id, message: run.message }]
      : []),
  ];
  return (
    <div className="px-2 pb-2 empty:hidden" role={run?.state === 'failed' ? 'alert' : undefined}>
      <ProblemList problems={shown} />
    </div>
  );
}
