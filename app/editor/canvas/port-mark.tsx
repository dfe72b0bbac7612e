import type { PortKind } from '../../../nodes/ports.ts';
import { classes } from '../ui/classes.ts';

const shapes: Readonly<Record<PortKind, string>> = {
  image: 'M7 2a5 5 0 1 0 0 10a5 5 0 1 0 0-10z',
  prompt: 'M4 2.5h6a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-6a1.5 1.5 0 0 1-1.5-1.5v-6a1.5 1.5 0 0 1 1.5-1.5z',
  text: 'M2.5 3.5h9v7h-9z',
  number: 'M7 1.5l5.5 5.5l-5.5 5.5l-5.5-5.5z',
  integer: 'M4 2.3h6l3 4.7l-3 4.7h-6l-3-4.7z',
  boolean: 'M2.5 2l10 5l-10 5z',
};

/** Sets `--kind` to the colour of a kind of port. */
export const kindColour: Readonly<Record<PortKind, string>> = {
  image: '[--kind:var(--kind-image)]',
  prompt: '[--kind:var(--kind-prompt)]',
  text: '[--kind:var(--kind-text)]',
  number: '[--kind:var(--kind-number)]',
  integer: '[--kind:var(--kind-integer)]',
  boolean: '[--kind:var(--kind-boolean)]',
};

/** The sign of a port: colour and shape tell its kind, a second ring a list, a filled middle a wire. */
export function PortMark({ kind, list, filled, className }: PortMarkProps) {
  return (
    <svg
      viewBox="0 0 14 14"
      aria-hidden="true"
      className={classes('size-3.5 overflow-visible', kindColour[kind], className)}
    >
      {list && <circle cx="7" cy="7" r="8" fill="none" stroke="var(--kind)" strokeWidth="1.25" opacity="0.75" />}
      <path
        d={shapes[kind]}
        fill={filled ? 'var(--kind)' : 'var(--surface)'}
        stroke="var(--kind)"
        strokeWidth="1.75"
        strokeLinejoin="round"
        transform={list ? 'translate(7 7) scale(.8) translate(-7 -7)' : undefined}
      />
    </svg>
  );
}

interface PortMarkProps {
  kind: PortKind;
  list?: boolean | undefined;
  filled?: boolean | undefined;
  className?: string;
}
