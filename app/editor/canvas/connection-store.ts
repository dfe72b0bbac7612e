import { create } from 'zustand';
import { currentGraph } from '../document/document-store.ts';
import { circleFrom, type End, refusal } from './fits.ts';

interface ConnectionState {
  /** Where the wire that is being drawn began. */
  readonly from: End | undefined;
  readonly circle: ReadonlySet<string>;
  readonly start: (from: End) => void;
  readonly stop: () => void;
}

const nowhere: ReadonlySet<string> = new Set();

/** The wire that is being drawn, by dragging or by clicking one end and then the other. */
export const useConnection = create<ConnectionState>()((set) => ({
  from: undefined,
  circle: nowhere,
  start: (from) => set({ from, circle: circleFrom(currentGraph(), from) }),
  stop: () => set({ from: undefined, circle: nowhere }),
}));

export type Invitation = 'idle' | 'open' | 'start' | { readonly refused: string };

/** How a port stands to the wire that is being drawn. */
export function useInvitation(end: End): Invitation {
  const refused = useConnection(({ from, circle }) => {
    if (!from) return 'idle';
    if (from.node === end.node && from.port === end.port && from.side === end.side) return 'start';
    return refusal(currentGraph(), from, end, circle) ?? 'open';
  });
  return refused === 'idle' || refused === 'open' || refused === 'start' ? refused : { refused };
}
