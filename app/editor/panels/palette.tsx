import { useReactFlow } from '@xyflow/react';
import { PanelLeftClose, Search } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { catalog } from '../../../nodes/catalog.ts';
import type { Category, NodeDefinition } from '../../../nodes/define-node.ts';
import { addAt } from '../canvas/add-at.ts';
import { nodeTypeData } from '../canvas/use-canvas-drop.ts';
import { NodeIcon } from '../node/node-icon.tsx';
import { useSettings } from '../settings-store.ts';
import { Hint, IconButton } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { matching } from './matching.ts';

const categories: readonly { name: Category; label: string }[] = [
  { name: 'source', label: 'Sources' },
  { name: 'generate', label: 'Generate' },
  { name: 'enhance', label: 'Enhance' },
  { name: 'output', label: 'Output' },
];
const all: readonly NodeDefinition[] = Object.values(catalog);

/** Every node type: a narrow row of signs, or with words and a search. On a phone it lies over the canvas. */
export function Palette() {
  const open = useSettings(({ palette }) => palette === 'open');
  const add = useAddInView();
  return open ? <OpenPalette add={add} /> : <Rail add={add} />;
}

type Add = (definition: NodeDefinition) => void;

function useAddInView(): Add {
  const { screenToFlowPosition } = useReactFlow();
  return (definition) => {
    const middle = screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 2 });
    addAt(definition, { x: middle.x - 140, y: middle.y - 80 });
    // On a phone the palette lies over what was just added.
    if (window.innerWidth < 640) useSettings.getState().setPalette('closed');
  };
}

const box =
  'absolute top-[68px] left-2 z-10 rounded-xl border border-line bg-surface/95 shadow-card backdrop-blur sm:left-3';

function Rail({ add }: { add: Add }) {
  const { setPalette } = useSettings.getState();
  return (
    <nav aria-label="Nodes" className={classes(box, 'flex flex-col items-center gap-0.5 p-1')}>
      <Hint label="Search nodes" shortcut="Tab" side="right">
        <button type="button" aria-label="Open the palette" onClick={() => setPalette('open')} className={railButton}>
          <Search className="size-[18px]" />
        </button>
      </Hint>
      {categories.map(({ name }) => (
        <div key={name} className="flex flex-col gap-0.5 border-t border-line pt-0.5 max-sm:hidden">
          {all
            .filter(({ category }) => category === name)
            .map((definition) => (
              <Hint key={definition.type} label={definition.title} side="right">
                <button
                  type="button"
                  aria-label={`Add ${definition.title}`}
                  draggable
                  onDragStart={(event) => carry(event, definition)}
                  onClick={() => add(definition)}
                  className={railButton}
                >
                  <NodeIcon type={definition.type} className="size-[18px]" />
                </button>
              </Hint>
            ))}
        </div>
      ))}
    </nav>
  );
}

const railButton = 'flex size-9 items-center justify-center rounded-lg text-ink-2 hover:bg-field hover:text-ink';

function OpenPalette({ add }: { add: Add }) {
  const [query, setQuery] = useState('');
  const { setPalette } = useSettings.getState();
  const found = matching(all, query);
  return (
    <nav
      aria-label="Nodes"
      className={classes(
        box,
        'flex max-h-[calc(100dvh-220px)] w-60 flex-col max-sm:right-2 max-sm:w-auto max-sm:shadow-float',
      )}
    >
      <div className="flex items-center gap-1 border-b border-line p-1 pl-3">
        <Search className="size-4 shrink-0 text-ink-3" />
        <input
          aria-label="Search nodes"
          placeholder="Search nodes"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            const [first] = found;
            if (event.key === 'Enter' && !event.ctrlKey && first) add(first);
            if (event.key === 'Escape') setPalette('closed');
          }}
          className="h-8 w-full min-w-0 bg-transparent px-1 outline-none placeholder:text-ink-3"
        />
        <IconButton label="Close the palette" onClick={() => setPalette('closed')}>
          <PanelLeftClose className="size-4" />
        </IconButton>
      </div>
      <div className="overflow-y-auto p-1">
        {found.length === 0 && <p className="px-2.5 py-3 text-ink-3">No node fits; try another word.</p>}
        {categories.map(({ name, label }) => (
          <Group key={name} label={label} definitions={found.filter(({ category }) => category === name)} add={add} />
        ))}
      </div>
    </nav>
  );
}

function Group({ label, definitions, add }: { label: string; definitions: readonly NodeDefinition[]; add: Add }) {
  if (definitions.length === 0) return null;
  return (
    <section aria-label={label}>
      <h3 className="px-2 pt-2 pb-1 text-[11px] font-medium text-ink-3">{label}</h3>
      {definitions.map((definition) => (
        <Hint key={definition.type} label={definition.help} side="right">
          <button
            type="button"
            aria-label={`Add ${definition.title}`}
            draggable
            onDragStart={(event) => carry(event, definition)}
            onClick={() => add(definition)}
            className="flex h-9 w-full items-center gap-2.5 rounded-lg px-2 text-left hover:bg-field"
          >
            <NodeIcon type={definition.type} className="size-4 text-ink-3" />
            {definition.title}
          </button>
        </Hint>
      ))}
    </section>
  );
}

function carry(event: DragEvent, { type }: NodeDefinition): void {
  event.dataTransfer.setData(nodeTypeData, type);
  event.dataTransfer.effectAllowed = 'copy';
}
