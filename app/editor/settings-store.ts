import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { SeedPolicy } from './fields/seeds.ts';

interface SettingsState {
  readonly seeds: SeedPolicy;
  readonly palette: 'open' | 'closed';
  readonly setSeeds: (seeds: SeedPolicy) => void;
  readonly setPalette: (palette: 'open' | 'closed') => void;
}

/** What a person set up in this browser. */
export const useSettings = create<SettingsState>()(
  persist(
    (set) => ({
      seeds: 'keep',
      palette: 'closed',
      setSeeds: (seeds) => set({ seeds }),
      setPalette: (palette) => set({ palette }),
    }),
    { name: 'aria.settings' },
  ),
);
