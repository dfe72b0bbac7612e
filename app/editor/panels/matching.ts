import type { NodeDefinition } from '../../../nodes/define-node.ts';

/** The node types whose title, other names or category hold every word of a query; those whose title begins with it first. */
export function matching(definitions: readonly NodeDefinition[], query: string): NodeDefinition[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const fits = ({ title, aliases = [], category, type }: NodeDefinition) => {
    const text = [title, ...aliases, category, type].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const first = ({ title }: NodeDefinition) => (title.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return definitions.filter(fits).sort((a, b) => first(a) - first(b));
}
