import { useCallback } from 'react';
import { setParam } from '../document/commands.ts';
import { perform, useDocument } from '../document/document-store.ts';
import type { FieldDescription } from './describe-field.ts';

/** One parameter of one node, and the command that changes it. Only what reads this value is drawn again when it changes. */
export function useValue(node: string, { name, label, preset }: FieldDescription): [unknown, (value: unknown) => void] {
  const value = useDocument(({ history: { present } }) => present.nodes[node]?.params[name]);
  const change = useCallback((next: unknown) => perform(setParam(node, name, next, label)), [node, name, label]);
  return [value === undefined ? preset : value, change];
}

/** What every control is given. */
export interface ControlProps {
  readonly node: string;
  readonly field: FieldDescription;
}
