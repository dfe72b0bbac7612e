import { create } from 'zustand';
import type { ImageRef } from '../../../nodes/ports.ts';

/** A picture that is looked at, with the run that made it where that is known. */
export interface Viewed {
  readonly picture: ImageRef;
  readonly run: string | undefined;
}

interface ViewerState {
  readonly viewed: Viewed | undefined;
  readonly show: (picture: ImageRef, run: string | undefined) => void;
  readonly close: () => void;
}

/** The picture that is looked at closely. */
export const useViewer = create<ViewerState>()((set) => ({
  viewed: undefined,
  show: (picture, run) => set({ viewed: { picture, run } }),
  close: () => set({ viewed: undefined }),
}));
