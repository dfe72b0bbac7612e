import { snapped } from './describe-field.ts';
import { NumberInput } from './number-input.tsx';
import { type ControlProps, useValue } from './use-value.ts';

/** A bar that fills as the number grows: drag it, or type at its end. */
export function SliderField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  if (field.control !== 'slider') return null;
  const number = typeof value === 'number' ? value : field.min;
  const filled = Math.min(1, Math.max(0, (number - field.min) / (field.max - field.min)));
  return (
    <div className="group/slider nodrag relative flex h-7 items-center overflow-hidden rounded-md bg-field focus-within:ring-2 focus-within:ring-accent hover:bg-field-hover">
      <div className="absolute inset-y-0 left-0 bg-accent-soft" style={{ width: `${filled * 100}%` }} />
      <div
        className="absolute inset-y-1.5 w-0.5 rounded-full bg-accent opacity-0 group-focus-within/slider:opacity-100 group-hover/slider:opacity-100"
        style={{ left: `calc(${filled} * (100% - 2px))` }}
      />
      <input
        type="range"
        aria-label={field.label}
        min={field.min}
        max={field.max}
        step={field.step}
        value={number}
        onChange={(event) => change(snapped(Number(event.target.value), field))}
        className="absolute inset-y-0 left-0 w-[calc(100%-72px)] cursor-ew-resize touch-pan-y opacity-0"
      />
      <span className="pointer-events-none relative min-w-0 flex-1 truncate pl-2.5 text-ink-2">{field.label}</span>
      <NumberInput
        label={`${field.label}, number`}
        value={number}
        range={field}
        unit={field.unit}
        onChange={change}
        className="relative w-[72px] pr-2.5"
      />
    </div>
  );
}
