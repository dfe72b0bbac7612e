import { Minus, Plus } from 'lucide-react';
import { snapped } from './describe-field.ts';
import { NumberInput } from './number-input.tsx';
import { Row } from './row.tsx';
import { type ControlProps, useValue } from './use-value.ts';

/** A small number with a button for less and one for more. */
export function StepperField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  if (field.control !== 'stepper') return null;
  const number = typeof value === 'number' ? value : field.min;
  const step = (steps: number) => change(snapped(number + steps * field.step, field));
  const button = 'nodrag flex size-7 items-center justify-center text-ink-3 hover:text-ink disabled:opacity-30';
  return (
    <Row label={field.label}>
      <button
        type="button"
        aria-label={`Less ${field.label.toLowerCase()}`}
        disabled={number <= field.min}
        onClick={() => step(-1)}
        className={button}
      >
        <Minus className="size-3.5" />
      </button>
      <NumberInput
        label={field.label}
        value={number}
        range={field}
        unit={field.unit}
        onChange={change}
        className="w-8 [&>input]:text-center"
      />
      <button
        type="button"
        aria-label={`More ${field.label.toLowerCase()}`}
        disabled={number >= field.max}
        onClick={() => step(1)}
        className={button}
      >
        <Plus className="size-3.5" />
      </button>
    </Row>
  );
}
