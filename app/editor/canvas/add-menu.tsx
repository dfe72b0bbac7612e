import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { Popover } from 'radix-ui';
import { catalog } from '../../../nodes/catalog.ts';
import type { NodeDefinition } from '../../../nodes/define-node.ts';
import { currentGraph } from '../document/document-store.ts';
import { NodeIcon } from '../node/node-icon.tsx';
import { classes } from '../ui/classes.ts';
import { floating } from '../ui/menu.tsx';
import { addAt } from './add-at.ts';
import { type AddRequest, useAdding } from './add-store.ts';
import { offersFor, portAt } from './fits.ts';
import { PortMark } from './port-mark.tsx';

/** The search that opens at the pointer: every node type, or after a wire was let go, those that fit it, best first. */
export function AddMenu() {
  const { request, close } = useAdding();
  return (
    <Popover.Root open={request !== undefined} onOpenChange={(open) => !open && close()}>
      <Popover.Anchor asChild>
        <span className="fixed size-px" style={{ left: request?.page.x ?? 0, top: request?.page.y ?? 0 }} />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={0}
          collisionPadding={12}
          className={classes(floating, 'w-72 max-w-[calc(100vw-24px)] p-0')}
        >
          {request && <Choices request={request} close={close} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ request, close }: { request: AddRequest; close: () => void }) {
  const { from } = request;
  const port = from && portAt(currentGraph(), from);
  const offers = from && port ? offersFor(port, from.side) : undefined;
  const items = offers ?? Object.values(catalog).map((definition) => ({ definition, port: undefined }));
  const choose = (definition: NodeDefinition, end: string | undefined) => {
    close();
    addAt(definition, request.canvas, from && end !== undefined ? { from, port: end } : undefined);
  };
  return (
    <Command label="Add a node" loop>
      <div className="flex items-center gap-2 border-b border-line px-3">
        {port ? <PortMark kind={port.kind} list={port.list} filled /> : <Search className="size-4 text-ink-3" />}
        <Command.Input
          autoFocus
          aria-label="Search nodes"
          placeholder={port ? `Connect ${port.label.toLowerCase()} to` : 'Search nodes'}
          className="h-10 w-full bg-transparent outline-none placeholder:text-ink-3"
        />
      </div>
      <Command.List className="max-h-80 overflow-y-auto p-1">
        <Command.Empty className="px-2.5 py-3 text-ink-3">No node fits; try another word.</Command.Empty>
        {items.map(({ definition, port: end }) => (
          <Command.Item
            key={definition.type}
            value={definition.type}
            keywords={[definition.title, definition.category, ...(definition.aliases ?? [])]}
            onSelect={() => choose(definition, end)}
            className="flex h-11 cursor-pointer items-center gap-3 rounded-lg px-2 data-[selected=true]:bg-field"
          >
            <span className="flex size-7 shrink-0 items-center justify-center rounded-md border border-line bg-raised text-ink-2">
              <NodeIcon type={definition.type} className="size-4" />
            </span>
            <div className="min-w-0">
              <div className="truncate font-medium">{definition.title}</div>
              <div className="truncate text-[11px] text-ink-3">{definition.help}</div>
            </div>
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  );
}
