import { Tooltip } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';

type Look = 'quiet' | 'filled' | 'outline' | 'danger';

const looks: Readonly<Record<Look, string>> = {
  quiet: 'text-ink-2 hover:bg-field hover:text-ink data-[state=open]:bg-field data-[state=open]:text-ink',
  filled: 'bg-accent text-accent-ink hover:brightness-110 font-medium',
  outline: 'border border-line-strong text-ink hover:bg-field',
  danger: 'bg-field text-ink hover:bg-bad-soft hover:text-bad font-medium',
};

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look;
}

/** A button with words. */
export function Button({ look = 'quiet', className, type = 'button', ...rest }: ButtonProps) {
  const base =
    'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-lg px-2.5 whitespace-nowrap transition-[background,color,filter] duration-100 disabled:opacity-40 disabled:pointer-events-none';
  return <button type={type} className={classes(base, looks[look], className)} {...rest} />;
}

interface IconButtonProps extends ButtonProps {
  label: string;
  shortcut?: string;
}

/** A button with an icon only; its label is read out and shown on hover. */
export function IconButton({ label, shortcut, className, ...rest }: IconButtonProps) {
  return (
    <Hint label={label} {...(shortcut && { shortcut })}>
      <Button aria-label={label} className={classes('size-8 px-0', className)} {...rest} />
    </Hint>
  );
}

/** Words that appear while the pointer rests on something. */
export function Hint({
  label,
  shortcut,
  side = 'bottom',
  children,
}: {
  label: ReactNode;
  shortcut?: string;
  side?: 'top' | 'bottom' | 'left' | 'right';
  children: ReactNode;
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex max-w-72 items-center gap-2 rounded-lg border border-line-strong bg-raised px-2.5 py-1.5 text-xs text-ink shadow-float"
        >
          <span>{label}</span>
          {shortcut && <Keys>{shortcut}</Keys>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

/** Keys as they are printed on a keyboard. */
export function Keys({ children, tone = 'quiet' }: { children: ReactNode; tone?: 'quiet' | 'filled' }) {
  const colours = tone === 'filled' ? 'border-current/40 text-current' : 'border-line-strong text-ink-3';
  return (
    <kbd
      className={classes('rounded border px-1 font-sans text-[10px] leading-4 font-medium whitespace-nowrap', colours)}
    >
      {children}
    </kbd>
  );
}
