import { create } from 'zustand';
import type { RunEvent } from '../../../server/engine/events.ts';
import type { RunRecord } from './recent-runs.ts';
import { afterEvent, noRun, type RunState, rememberedRun, startedRun } from './run-state.ts';

interface RunStore extends RunState {
  readonly began: (id: string | undefined, nodes: readonly string[]) => void;
  readonly heard: (events: readonly RunEvent[]) => void;
  readonly failed: (line: string) => void;
  /** Shows what a run of before has left on the nodes. */
  readonly remembered: (run: RunRecord) => void;
}

/** The run that is watched. */
export const useRun = create<RunStore>()((set) => ({
  ...noRun,
  began: (id, nodes) => set((state) => startedRun(state, id, nodes)),
  heard: (events) => set((state) => events.reduce<RunState>(afterEvent, state)),
  remembered: ({ id, nodes }) => set((state) => rememberedRun(state, id, nodes)),
  failed: (line) => set({ phase: 'failed', line, nodes: {} }),
}));

/** Whether a run goes on. */
export const useRunning = (): boolean => useRun(({ phase }) => phase === 'running' || phase === 'starting');
