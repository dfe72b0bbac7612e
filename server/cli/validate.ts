import type { ModelInfo } from '../../models/contracts.ts';
import type { Graph } from '../../nodes/graph.ts';
import { problemsIn } from '../../nodes/problems.ts';
import { problemLine } from './problem-line.ts';

/** Says everything that is wrong with a graph. The exit code is 0 when it could run. */
export function validateGraph(
  graph: Graph,
  models: readonly ModelInfo[],
  json: boolean,
  say: (line: string) => void,
): number {
  const problems = problemsIn(graph, { models });
  for (const problem of problems) say(json ? JSON.stringify(problem) : problemLine(graph, problem));
  if (problems.some(({ severity }) => severity === 'error')) return 2;
  if (!json) say(`"${graph.name}" can run: ${Object.keys(graph.nodes).length} nodes, ${graph.edges.length} wires.`);
  return 0;
}
