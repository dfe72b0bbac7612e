import { useReactFlow } from '@xyflow/react';
import { CircleAlert, TriangleAlert } from 'lucide-react';
import { Popover } from 'radix-ui';
import { titleOf } from '../../../nodes/problems.ts';
import { useFlow } from '../canvas/flow-store.ts';
import { useChecks } from '../document/checks-store.ts';
import { useDocument } from '../document/document-store.ts';
import { Sign } from '../node/node-problems.tsx';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { floating } from '../ui/menu.tsx';

/** How many problems there are, and the way to each. Not there while there are none. */
export function ProblemMenu() {
  const problems = useChecks((checks) => checks.problems);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (problems.length === 0) return null;
  const Icon = errors > 0 ? CircleAlert : TriangleAlert;
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button aria-label={count} className={errors > 0 ? 'text-bad' : 'text-warn'}>
          <Icon className="size-4" />
          {problems.length}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={8}
          collisionPadding={8}
          className={classes(floating, 'w-80 max-w-[calc(100vw-16px)]')}
        >
          <ProblemLines />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ProblemLines() {
  const problems = useChecks((checks) => checks.problems);
  const nodes = useDocument(({ history: { present } }) => present.nodes);
  const { fitView } = useReactFlow();
  const goTo = (id: string) => {
    if (id === '') return;
    useFlow.getState().select([id]);
    fitView({ nodes: [{ id }], padding: 0.6, maxZoom: 1.1, duration: 250 });
  };
  return (
    <ul className="max-h-80 overflow-y-auto">
      {problems.map(({ node: id, code, port, message, severity }) => {
        const node = nodes[id];
        return (
          <li key={`${id} ${code} ${port} ${message}`}>
            <button
              type="button"
              onClick={() => goTo(id)}
              className="flex w-full items-start gap-2 rounded-lg px-2.5 py-2 text-left outline-none hover:bg-field focus-visible:bg-field"
            >
              <span className={severity === 'error' ? 'text-bad' : 'text-warn'}>
                <Sign severity={severity} />
              </span>
              <span className="min-w-0">
                {node && <span className="block text-[11px] text-ink-3">{titleOf(node)}</span>}
                {message}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
