import { create } from 'zustand';
import type { ImageRef } from '../../../nodes/ports.ts';

interface ViewerState {
  readonly picture: ImageRef | undefined;
  readonly show: (picture: ImageRef) => void;
  readonly close: () => void;
}

/** The picture that is looked at closely. */
export const useViewer = create<ViewerState>()((set) => ({
  picture: undefined,
  show: (picture) => set({ picture }),
  close: () => set({ picture: undefined }),
}));
