import { create } from 'zustand';
import type { ImageRef } from '../../../nodes/ports.ts';

/** A picture that a run ended with. */
export interface Result {
  readonly picture: ImageRef;
  readonly run: string;
  readonly node: string;
}

interface ResultsState {
  /** The newest first, each picture once. */
  readonly results: readonly Result[];
  readonly add: (added: readonly Result[], where: 'newest' | 'oldest') => void;
}

const mostResults = 200;

/** The pictures that the latest runs ended with. */
export const useResults = create<ResultsState>()((set) => ({
  results: [],
  add: (added, where) =>
    set(({ results }) => ({ results: joined(where === 'newest' ? [added, results] : [results, added]) })),
}));

/** One list, in which each picture stands at its first place only. */
function joined(lists: readonly (readonly Result[])[]): Result[] {
  const found = new Map<string, Result>();
  for (const result of lists.flat()) if (!found.has(result.picture.digest)) found.set(result.picture.digest, result);
  return [...found.values()].slice(0, mostResults);
}
