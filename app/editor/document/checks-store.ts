import { create } from 'zustand';
import { catalog } from '../../../nodes/catalog.ts';
import type { Facts, Sizes } from '../../../nodes/define-node.ts';
import type { Graph } from '../../../nodes/graph.ts';
import { type Problem, problemsIn } from '../../../nodes/problems.ts';
import { sizesIn } from '../../../nodes/sizes.ts';
import { topologyOf } from '../../../nodes/topology.ts';
import { useDocument } from './document-store.ts';

type Models = Facts['models'];

interface ChecksState {
  readonly problems: readonly Problem[];
  readonly byNode: ReadonlyMap<string, readonly Problem[]>;
  readonly sizes: ReadonlyMap<string, Sizes>;
  /** Nothing until the server has told, so that no model seems missing meanwhile. */
  readonly models: Models | undefined;
  readonly setModels: (models: Models) => void;
}

/** What is known of the graph before it runs: problems, and sizes of pictures. Follows the document. */
export const useChecks = create<ChecksState>()((set) => ({
  problems: [],
  byNode: new Map(),
  sizes: new Map(),
  models: undefined,
  setModels: (models) => set({ models }),
}));

const none: readonly Problem[] = [];

/** The problems of one node; the same array as long as they are equal. */
export const useNodeProblems = (id: string): readonly Problem[] => useChecks(({ byNode }) => byNode.get(id) ?? none);

const largeGraph = 150;

/** Keeps the checks up to date until the signal says stop. Large graphs are checked when typing pauses. */
export function followDocument(signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = () => useChecks.setState((before) => checked(useDocument.getState().history.present, before));
  const soon = () => {
    clearTimeout(timer);
    const count = Object.keys(useDocument.getState().history.present.nodes).length;
    if (count <= largeGraph) check();
    else timer = setTimeout(check, 200);
  };
  const stops = [
    useDocument.subscribe((now, before) => {
      if (now.history.present !== before.history.present) soon();
    }),
    useChecks.subscribe((now, before) => {
      if (now.models !== before.models) soon();
    }),
  ];
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  });
  check();
}

function checked(graph: Graph, before: ChecksState): Partial<ChecksState> {
  const { models } = before;
  const problems = problemsIn(graph, models ? { models } : {});
  const sizes = sizesIn(graph, topologyOf(graph).order, catalog, { models: models ?? [] });
  return { problems, byNode: grouped(problems, before.byNode), sizes };
}

/** Equal lists stay the same array, so that only nodes whose problems changed are drawn again. */
function grouped(problems: readonly Problem[], before: ReadonlyMap<string, readonly Problem[]>) {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) groups.set(problem.node, [...(groups.get(problem.node) ?? []), problem]);
  const kept = new Map<string, readonly Problem[]>();
  for (const [node, list] of groups) {
    const earlier = before.get(node);
    kept.set(node, earlier && JSON.stringify(earlier) === JSON.stringify(list) ? earlier : list);
  }
  return kept;
}
