import { catalog, definitionOf } from '../../../nodes/catalog.ts';
import type { Catalog, NodeDefinition } from '../../../nodes/define-node.ts';
import type { Edge, Graph, PortAddress } from '../../../nodes/graph.ts';
import { mismatch, type Port, portsOf } from '../../../nodes/port-info.ts';
import { accepts } from '../../../nodes/ports.ts';
import { neededFor } from '../../../nodes/topology.ts';

export type Side = 'input' | 'output';

/** An end of a wire that is being drawn. */
export interface End {
  readonly node: string;
  readonly port: string;
  readonly side: Side;
}

/** The port at an end, or nothing when its type is unknown. */
export function portAt(graph: Graph, { node, port, side }: End, known: Catalog = catalog): Port | undefined {
  const definition = definitionOf(graph.nodes[node]?.type ?? '', known);
  if (!definition) return undefined;
  const { inputs, outputs } = portsOf(definition);
  return (side === 'input' ? inputs : outputs).get(port);
}

/** The edge between two ends of different sides. */
export function edgeBetween(one: End, other: End): Edge {
  const address = ({ node, port }: End): PortAddress => [node, port];
  return one.side === 'output'
    ? { from: address(one), to: address(other) }
    : { from: address(other), to: address(one) };
}

/** The nodes that would close a circle when a wire from this end reached them. */
export function circleFrom(graph: Graph, { node, side }: End): ReadonlySet<string> {
  if (side === 'output') return neededFor(graph, [node]);
  const turned = graph.edges.map(({ from, to }) => ({ from: to, to: from }));
  return neededFor({ ...graph, edges: turned }, [node]);
}

/** Why a wire cannot go from one end to another, in words, or nothing when it can. `circle` is of the first end. */
export function refusal(graph: Graph, from: End, to: End, circle: ReadonlySet<string>): string | undefined {
  if (from.node === to.node)
    return from.port === to.port && from.side === to.side ? undefined : 'A node cannot feed itself.';
  if (from.side === to.side) {
    return from.side === 'output'
      ? 'A wire leads from an output to an input.'
      : 'A wire leads to an input from an output.';
  }
  const one = portAt(graph, from);
  const other = portAt(graph, to);
  if (!one || !other) return 'This node is unknown to this version of Aria.';
  const reason = from.side === 'output' ? mismatch(one, other) : mismatch(other, one);
  return reason ?? (circle.has(to.node) ? 'This would make the nodes feed each other in a circle.' : undefined);
}

/** The ends on a node that take a wire from here: real inputs first, parameters only where there is no real input. */
export function fittingEnds(graph: Graph, from: End, node: string, circle: ReadonlySet<string>): End[] {
  const definition = definitionOf(graph.nodes[node]?.type ?? '');
  if (!definition) return [];
  const side = from.side === 'output' ? 'input' : 'output';
  const { inputs, outputs } = portsOf(definition);
  const ends = [...(side === 'input' ? inputs : outputs).values()]
    .map((port) => ({ port, end: { node, port: port.name, side } satisfies End }))
    .filter(({ end }) => refusal(graph, from, end, circle) === undefined);
  const real = ends.filter(({ port }) => !port.parameter);
  return (real.length > 0 ? real : ends).map(({ end }) => end);
}

/** A node type that could stand at the other end of a wire, and the port it would use. */
export interface Offer {
  readonly definition: NodeDefinition;
  readonly port: string;
}

// Which kind of node people want next, in this order.
const after = ['enhance', 'output', 'generate', 'source'];
const before = ['generate', 'enhance', 'source', 'output'];

/** The node types that fit a port, the most likely first. Ports come before parameters, needed ones before optional ones. */
export function offersFor(port: Port, side: Side, known: Catalog = catalog): Offer[] {
  const order = side === 'output' ? after : before;
  const offers = Object.values(known).flatMap((definition) => {
    const { inputs, outputs } = portsOf(definition);
    const candidates = [...(side === 'output' ? inputs : outputs).values()].filter((other) =>
      side === 'output' ? accepts(other.kind, port.kind) : accepts(port.kind, other.kind),
    );
    const best = candidates.sort((a, b) => weight(a) - weight(b))[0];
    if (!best) return [];
    return [{ definition, port: best.name, rank: weight(best) * 10 + order.indexOf(definition.category) }];
  });
  return offers.sort((a, b) => a.rank - b.rank).map(({ definition, port: name }) => ({ definition, port: name }));
}

const weight = (port: Port): number => (port.parameter ? 2 : port.required ? 0 : 1);
