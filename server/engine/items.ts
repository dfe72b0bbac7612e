import { portsOf } from '../../nodes/port-info.ts';
import { digestOf } from './canonical.ts';
import type { WiredNode } from './wiring.ts';

/** A value on a port with its digest. */
export interface PortValue {
  readonly value: unknown;
  readonly digest: string;
}

/** What one execution of a node gets. */
export interface Item {
  /** The typed values, or in their place what edges bring. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The digest of each input. */
  readonly digests: Readonly<Record<string, string>>;
}

/** The executions of a node: one, or one for each element of the lists that come in at single ports. */
export interface Items {
  readonly mapped: boolean;
  readonly items: readonly Item[];
}

/** Thrown when lists that meet at a node have no common length. */
export class ListLengthError extends Error {
  override readonly name = 'ListLengthError';
}

/** How often a node executes, and with what. Several lists go in step. Throws ListLengthError when their lengths differ. */
export function itemsOf(node: WiredNode, arriving: ReadonlyMap<string, PortValue>): Items {
  const lists: [port: string, values: readonly unknown[]][] = [];
  const single = new Map<string, PortValue>();
  for (const [port, arrived] of arriving) {
    const takesList = portsOf(node.definition).inputs.get(port)?.list === true;
    if (Array.isArray(arrived.value) && !takesList) lists.push([port, arrived.value]);
    else if (takesList && !Array.isArray(arrived.value)) single.set(port, withDigest([arrived.value]));
    else single.set(port, arrived);
  }
  const [first] = lists;
  if (!first) return { mapped: false, items: [itemOf(node, single)] };
  const [firstPort, { length }] = first;
  const other = lists.find(([, values]) => values.length !== length);
  if (other) throw unequal(node, firstPort, length, other[0], other[1].length);
  const items = Array.from({ length }, (_, index) => {
    const own = lists.map(([port, values]): [string, PortValue] => [port, withDigest(values[index])]);
    return itemOf(node, new Map([...single, ...own]));
  });
  return { mapped: true, items };
}

const withDigest = (value: unknown): PortValue => ({ value, digest: digestOf(value) });

function itemOf({ node, definition }: WiredNode, arriving: ReadonlyMap<string, PortValue>): Item {
  const params: Record<string, unknown> = {};
  const inputs: Record<string, unknown> = {};
  const digests: Record<string, string> = {};
  let fed = false;
  for (const [port, { value, digest }] of arriving) {
    if (Object.hasOwn(definition.params.shape, port)) {
      params[port] = value;
      fed = true;
    } else {
      inputs[port] = value;
      digests[port] = digest;
    }
  }
  // The very object of the graph, where nothing is fed: what was found about it is remembered.
  return { params: fed ? { ...node.params, ...params } : node.params, inputs, digests };
}

function unequal({ definition }: WiredNode, port: string, length: number, otherPort: string, otherLength: number) {
  const labelled = (name: string) => `"${portsOf(definition).inputs.get(name)?.label ?? name}"`;
  return new ListLengthError(
    `Expected lists of equal length but ${labelled(port)} has ${length} and ${labelled(otherPort)} has ${otherLength}; make them equally long.`,
  );
}
