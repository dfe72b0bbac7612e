import { Command } from 'cmdk';
import { Check, ChevronsUpDown, Search } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { classes } from '../ui/classes.ts';
import { floating } from '../ui/menu.tsx';

/** One line of a list, with words below it where there is more to say. */
export interface PickerItem {
  readonly value: string;
  readonly label: string;
  readonly detail?: ReactNode;
  readonly disabled?: boolean;
}

const searchedFrom = 9;

/** A button that shows what is chosen and opens the list; lists of nine or more have a search line. */
export function ListPicker({ label, value, shown, items, onChoose, empty, className }: ListPickerProps) {
  const [open, setOpen] = useState(false);
  const choose = (next: string) => {
    setOpen(false);
    onChoose(next);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        role="combobox"
        aria-label={label}
        aria-expanded={open}
        className={classes(
          'nodrag flex h-7 min-w-0 items-center justify-end gap-1 rounded-md pr-2 pl-1 text-ink outline-none',
          className,
        )}
      >
        <span className="truncate">{shown}</span>
        <ChevronsUpDown className="size-3 shrink-0 text-ink-3" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="end" sideOffset={4} collisionPadding={8} className={classes(floating, 'w-72 p-0')}>
          <Command label={label} defaultValue={value}>
            <div
              className={items.length < searchedFrom ? 'sr-only' : 'flex items-center gap-2 border-b border-line px-3'}
            >
              <Search className="size-3.5 text-ink-3" />
              <Command.Input
                aria-label={`Search ${label.toLowerCase()}`}
                placeholder="Search"
                className="h-9 w-full bg-transparent outline-none placeholder:text-ink-3"
              />
            </div>
            <Command.List className="max-h-72 overflow-y-auto p-1">
              <Command.Empty className="px-2.5 py-3 text-ink-3">
                {empty ?? 'Nothing fits; try another word.'}
              </Command.Empty>
              {items.map((item) => (
                <Command.Item
                  key={item.value}
                  value={item.value}
                  keywords={[item.label]}
                  disabled={item.disabled === true}
                  onSelect={choose}
                  className="flex min-h-8 cursor-pointer items-center gap-2 rounded-lg px-2.5 py-1.5 data-[disabled=true]:opacity-50 data-[selected=true]:bg-field"
                >
                  <div className="min-w-0 flex-1">
                    <div className="truncate">{item.label}</div>
                    {item.detail && <div className="mt-0.5 text-[11px] text-ink-3">{item.detail}</div>}
                  </div>
                  {item.value === value && <Check className="size-4 shrink-0 text-accent-text" />}
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface ListPickerProps {
  label: string;
  value: string;
  shown: string;
  items: readonly PickerItem[];
  onChoose: (value: string) => void;
  empty?: string;
  className?: string;
}
