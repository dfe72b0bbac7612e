import { isSafeNumber, parse as parseLossless } from 'lossless-json';
import * as z from 'zod';

/** An end of an edge: a node and the name of one of its ports. Parameters are input ports too. */
const portAddress = z.tuple([z.string(), z.string()]);
export type PortAddress = z.output<typeof portAddress>;

// Loose objects: what this version does not know survives load and save untouched.
const edgeSchema = z.looseObject({ from: portAddress, to: portAddress });
const layoutSchema = z.looseObject({
  x: z.number(),
  y: z.number(),
  w: z.number().optional(),
  h: z.number().optional(),
  collapsed: z.boolean().optional(),
});
const nodeSchema = z.looseObject({
  type: z.string(),
  version: z.int().positive().default(1),
  params: z.record(z.string(), z.unknown()).default({}),
  title: z.string().optional(),
  muted: z.boolean().optional(),
  bypassed: z.boolean().optional(),
  pinned: z.boolean().optional(),
  layout: layoutSchema.default({ x: 0, y: 0 }),
});

/** The graph document: the one format of editor, file, API and picture metadata. */
export const graphSchema = z.looseObject({
  format: z.literal(1),
  id: z.string().optional(),
  name: z.string().default('Untitled'),
  nodes: z.record(z.string(), nodeSchema).default({}),
  edges: z.array(edgeSchema).default([]),
});
export type Graph = z.output<typeof graphSchema>;
export type GraphNode = z.output<typeof nodeSchema>;
export type Edge = z.output<typeof edgeSchema>;

/** Thrown for text or data that is no graph document, in one sentence. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

/** Data that is already JSON to a graph. Throws GraphError naming the first place that does not fit. */
export function parseGraph(value: unknown): Graph {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GraphError('Expected an Aria graph but received something else; open a file saved by Aria.');
  }
  if (!('format' in value)) {
    throw new GraphError('Expected an Aria graph but this JSON has no "format"; it may come from another program.');
  }
  if (typeof value.format === 'number' && value.format > 1) {
    throw new GraphError(`This graph has format ${value.format}, made by a newer Aria; update to open it.`);
  }
  const graph = graphSchema.safeParse(value);
  if (graph.success) return graph.data;
  const issue = graph.error.issues[0];
  throw new GraphError(`Expected an Aria graph, but "${issue?.path.join('.')}" does not fit: ${issue?.message}`);
}

/** The text of a graph file to a graph. Whole numbers too large for JavaScript become text, so that no seed is rounded. */
export function readGraph(text: string): Graph {
  return parseGraph(parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return parseLossless(text, undefined, (digits) =>
      isSafeNumber(digits, { approx: true }) || !/^\d+$/.test(digits) ? Number(digits) : digits,
    );
  } catch (cause) {
    throw new GraphError('Expected JSON but the text is damaged or of another kind.', { cause });
  }
}

/** The graph as text, two spaces deep, ending in a newline. `readGraph` gives back an equal graph. */
export const writeGraph = (graph: Graph): string => `${JSON.stringify(graph, null, 2)}\n`;

/** The node of this id. Names that every object has, such as "constructor", are nodes only where they were drawn. */
export const nodeIn = (graph: Graph, id: string): GraphNode | undefined =>
  Object.hasOwn(graph.nodes, id) ? graph.nodes[id] : undefined;

/** Each node's incoming edges, in document order. O(N + E). */
export function edgesInto(graph: Graph): Map<string, Edge[]> {
  const into = new Map<string, Edge[]>();
  for (const edge of graph.edges) {
    const list = into.get(edge.to[0]);
    if (list) list.push(edge);
    else into.set(edge.to[0], [edge]);
  }
  return into;
}
