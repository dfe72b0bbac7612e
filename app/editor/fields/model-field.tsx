import { useMemo } from 'react';
import { useChecks } from '../document/checks-store.ts';
import { byteSize } from '../words.ts';
import { ListPicker } from './list-picker.tsx';
import { Row } from './row.tsx';
import { type ControlProps, useValue } from './use-value.ts';

/** A model that is installed, with its size, its licence and one sentence about it. */
export function ModelField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  const models = useChecks((checks) => checks.models);
  const kind = field.control === 'model' ? field.kind : '';
  const items = useMemo(
    () =>
      (models ?? [])
        .filter((model) => model.kind === kind)
        .map(({ id, title, bytes, licence, summary, broken }) => ({
          value: id,
          label: title,
          disabled: broken !== undefined,
          detail: broken ?? [byteSize(bytes), licence, summary].filter(Boolean).join(' · '),
        })),
    [models, kind],
  );
  const id = String(value);
  const shown = models?.find((model) => model.id === id)?.title ?? id.split('/').at(-1) ?? id;
  return (
    <Row label={field.label}>
      <ListPicker
        label={field.label}
        value={id}
        shown={shown}
        items={items}
        onChoose={change}
        empty={models ? 'No model of this kind is installed. Put one into the models folder.' : 'Looking for models.'}
      />
    </Row>
  );
}
