import { type KeyboardEvent, useState } from 'react';
import { classes } from '../ui/classes.ts';
import { type NumberRange, snapped } from './describe-field.ts';

/** A number to type. Enter or leaving takes it; arrows step, with Shift ten at once. */
export function NumberInput({ label, value, range, unit, onChange, className }: NumberInputProps) {
  const [draft, setDraft] = useState<string>();
  const take = (text: string) => {
    const typed = Number(text.replace(',', '.'));
    setDraft(undefined);
    if (text.trim() !== '' && Number.isFinite(typed)) onChange(snapped(typed, range));
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    // With Ctrl this also starts a run, which must see the number that stands here.
    if (event.key === 'Enter' && draft !== undefined) take(draft);
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) event.currentTarget.blur();
    if (event.key === 'Escape') setDraft(undefined);
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    const steps = (event.key === 'ArrowUp' ? 1 : -1) * (event.shiftKey ? 10 : 1);
    setDraft(undefined);
    onChange(snapped(value + steps * range.step, range));
  };
  return (
    <span className={classes('flex items-center gap-1 text-ink-3', className)}>
      <input
        aria-label={label}
        inputMode="decimal"
        value={draft ?? String(value)}
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={(event) => draft !== undefined && take(event.target.value)}
        onKeyDown={keys}
        className="nodrag w-full min-w-0 rounded bg-transparent text-right text-ink tabular-nums outline-none"
      />
      {unit && <span className="shrink-0 text-[11px]">{unit}</span>}
    </span>
  );
}

interface NumberInputProps {
  label: string;
  value: number;
  range: NumberRange;
  unit?: string | undefined;
  onChange: (value: number) => void;
  className?: string;
}
