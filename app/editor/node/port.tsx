import { Handle, Position } from '@xyflow/react';
import { memo } from 'react';
import { kindWords, type Port } from '../../../nodes/port-info.ts';
import { useInvitation } from '../canvas/connection-store.ts';
import type { Side } from '../canvas/fits.ts';
import { PortMark } from '../canvas/port-mark.tsx';
import { useDocument } from '../document/document-store.ts';
import { classes } from '../ui/classes.ts';
import { isWired } from './wired-ends.ts';

/** Whether a wire ends here. */
export const useWired = (node: string, port: string, side: Side): boolean =>
  useDocument(({ history: { present } }) => isWired(present.edges, node, port, side));

/** The place of a node where wires end, with its sign. Lit while a wire that fits is drawn, grey with the reason otherwise. */
export const PortHandle = memo(function PortHandle({ node, port, side, faint = false }: PortHandleProps) {
  const invitation = useInvitation({ node, port: port.name, side });
  const wired = useWired(node, port.name, side);
  const refused = typeof invitation === 'object';
  const label = `${port.label}, ${side}, ${port.list ? 'list of pictures' : kindWords[port.kind]}`;
  return (
    <Handle
      id={port.name}
      type={side === 'input' ? 'target' : 'source'}
      position={side === 'input' ? Position.Left : Position.Right}
      aria-label={label}
      role="button"
      title={refused ? invitation.refused : `${port.label}: ${port.list ? 'a list of pictures' : kindWords[port.kind]}`}
      data-invitation={refused ? 'refused' : invitation}
      className={classes(
        'group/port flex! size-6! min-h-0! min-w-0! items-center justify-center rounded-full! border-0! bg-transparent!',
      )}
    >
      <PortMark
        kind={port.kind}
        list={port.list}
        filled={wired}
        className={classes(
          'pointer-events-none transition-[transform,opacity] duration-100 group-hover/port:scale-125',
          faint &&
            !wired &&
            invitation === 'idle' &&
            'opacity-0 group-hover/card:opacity-70 group-hover/port:opacity-100',
          faint && 'size-2.5',
          invitation === 'open' && 'scale-125 drop-shadow-[0_0_5px_var(--kind)]',
          refused && 'opacity-20 grayscale',
        )}
      />
    </Handle>
  );
});

interface PortHandleProps {
  node: string;
  port: Port;
  side: Side;
  /** For parameters: the sign shows when the pointer is near or a wire could end here. */
  faint?: boolean;
}
