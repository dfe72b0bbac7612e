import { create } from 'zustand';
import type { Place } from '../document/commands.ts';
import type { End } from './fits.ts';

/** Where on the page the search opens, where on the canvas the node will stand, and what it will be wired to. */
export interface AddRequest {
  readonly page: Place;
  readonly canvas: Place;
  readonly from?: End;
}

interface AddState {
  readonly request: AddRequest | undefined;
  readonly open: (request: AddRequest) => void;
  readonly close: () => void;
}

/** The search for a node to add. */
export const useAdding = create<AddState>()((set) => ({
  request: undefined,
  open: (request) => set({ request }),
  close: () => set({ request: undefined }),
}));
