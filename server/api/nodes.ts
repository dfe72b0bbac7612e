import * as z from 'zod';
import { catalog } from '../../nodes/catalog.ts';
import type { NodeDefinition } from '../../nodes/define-node.ts';
import { type Port, portsOf } from '../../nodes/port-info.ts';
import { procedure, router } from './trpc.ts';

export const nodesRouter = router({
  /** Every node type with its ports, and its parameters as JSON Schema. */
  catalog: procedure.query(() => Object.values(catalog).map(describe)),
});

function describe(definition: NodeDefinition) {
  const { type, version, title, help, category, aliases = [], lane, purity, output = false } = definition;
  const { inputs, outputs } = portsOf(definition);
  return {
    ...{ type, version, title, help, category, aliases, lane, purity, output },
    inputs: [...inputs.values()].filter(({ parameter }) => !parameter).map(portFacts),
    outputs: [...outputs.values()].map(portFacts),
    // A seed becomes a bigint in code, which JSON Schema cannot say; what goes in, digits or a number, it can.
    params: z.toJSONSchema(definition.params, { io: 'input', unrepresentable: 'any' }),
  };
}

const portFacts = ({ name, kind, label, list = false, required }: Port) => ({ name, kind, label, list, required });
