import { Copy, Ellipsis, Eye, EyeOff, FoldVertical, Redo2, Trash2 } from 'lucide-react';
import { useFlow } from '../canvas/flow-store.ts';
import { duplicate } from '../document/clipboard.ts';
import { remove, toggleBypassed, toggleCollapsed, toggleMuted } from '../document/commands.ts';
import { perform, useGraphNode } from '../document/document-store.ts';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';

/** What can be done with one node. */
export function NodeMenu({ id }: { id: string }) {
  const node = useGraphNode(id);
  const copy = () => useFlow.getState().select(duplicate([id]));
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          aria-label="Node menu"
          className="nodrag -ml-1 flex size-6 shrink-0 items-center justify-center rounded-md text-ink-3 hover:bg-field hover:text-ink data-[state=open]:bg-field"
        >
          <Ellipsis className="size-4" />
        </button>
      }
    >
      <MenuItem icon={node?.muted ? <Eye /> : <EyeOff />} shortcut="M" onSelect={() => perform(toggleMuted([id]))}>
        {node?.muted ? 'Unmute' : 'Mute'}
      </MenuItem>
      <MenuItem icon={<Redo2 />} shortcut="B" onSelect={() => perform(toggleBypassed([id]))}>
        {node?.bypassed ? 'Stop bypassing' : 'Bypass'}
      </MenuItem>
      <MenuItem icon={<FoldVertical />} shortcut="F" onSelect={() => perform(toggleCollapsed([id]))}>
        {node?.layout.collapsed ? 'Unfold' : 'Fold'}
      </MenuItem>
      <MenuItem icon={<Copy />} shortcut="Ctrl D" onSelect={copy}>
        Duplicate
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Trash2 />} shortcut="Del" danger onSelect={() => perform(remove([id], []))}>
        Delete
      </MenuItem>
    </Menu>
  );
}
