import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { Keys } from './button.tsx';
import { classes } from './classes.ts';

/** The box of everything that floats over the page. */
export const floating =
  'z-50 rounded-xl border border-line-strong bg-surface p-1 text-ink shadow-float outline-none data-[state=open]:animate-in';

/** A button that opens a list of actions. */
export function Menu({
  trigger,
  children,
  align = 'start',
}: {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
}) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={classes(floating, 'max-h-[70vh] max-w-[calc(100vw-16px)] min-w-52 overflow-y-auto')}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** One action in a menu. */
export function MenuItem({
  icon,
  children,
  shortcut,
  onSelect,
  danger = false,
  disabled = false,
}: {
  icon?: ReactNode;
  children: ReactNode;
  shortcut?: string;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
}) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      disabled={disabled}
      className={classes(
        'flex h-8 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 outline-none select-none data-disabled:opacity-40 data-highlighted:bg-field',
        danger && 'text-bad',
      )}
    >
      {icon && <span className="text-ink-3 [&>svg]:size-4">{icon}</span>}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {shortcut && <Keys>{shortcut}</Keys>}
    </DropdownMenu.Item>
  );
}

/** One of several choices of which one holds, with words on what it means. */
export function MenuChoice({ checked, detail, onSelect, children }: MenuChoiceProps) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      onSelect={onSelect}
      className="flex cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-1.5 outline-none select-none data-highlighted:bg-field"
    >
      <div className="flex-1">
        <div>{children}</div>
        <div className="text-[11px] text-ink-3">{detail}</div>
      </div>
      <DropdownMenu.ItemIndicator>
        <Check className="size-4 text-accent-text" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.CheckboxItem>
  );
}

interface MenuChoiceProps {
  checked: boolean;
  detail: string;
  onSelect: () => void;
  children: ReactNode;
}

/** A thin line between groups of actions. */
export const MenuLine = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />;

/** A small heading in a menu. */
export const MenuTitle = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Label className="px-2.5 pt-1.5 pb-1 text-[11px] font-medium text-ink-3">{children}</DropdownMenu.Label>
);
