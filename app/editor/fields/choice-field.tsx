import { ListPicker } from './list-picker.tsx';
import { Row } from './row.tsx';
import { type ControlProps, useValue } from './use-value.ts';

/** One of several named values; long lists can be searched. */
export function ChoiceField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  if (field.control !== 'choice') return null;
  const current = field.choices.find((choice) => choice.value === value);
  return (
    <Row label={field.label}>
      <ListPicker
        label={field.label}
        value={String(value)}
        shown={current?.label ?? String(value)}
        items={field.choices}
        onChoose={change}
      />
    </Row>
  );
}
