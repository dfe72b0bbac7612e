import { type KeyboardEvent, useLayoutEffect, useRef } from 'react';
import { type ControlProps, useValue } from './use-value.ts';
import { reweighted } from './weight.ts';

/** Words on several lines; the box grows with them. Ctrl+↑ and Ctrl+↓ change the weight of the selected words. */
export function TextAreaField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  const area = useRef<HTMLTextAreaElement>(null);
  const selection = useRef<{ start: number; end: number }>(undefined);
  const text = typeof value === 'string' ? value : '';

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.max(text === '' ? 0 : 44, element.scrollHeight)}px`;
    if (selection.current) element.setSelectionRange(selection.current.start, selection.current.end);
    selection.current = undefined;
  }, [text]);

  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (!(event.ctrlKey || event.metaKey) || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const { selectionStart: start, selectionEnd: end } = event.currentTarget;
    const after = reweighted({ text, start, end }, event.key === 'ArrowUp' ? 0.1 : -0.1);
    selection.current = after;
    change(after.text);
  };

  return (
    <label className="block rounded-md bg-field px-2.5 pt-1.5 pb-2 focus-within:ring-2 focus-within:ring-accent hover:bg-field-hover">
      <span className="text-[11px] text-ink-3">{field.label}</span>
      <textarea
        ref={area}
        rows={1}
        aria-label={field.label}
        value={text}
        placeholder={field.hint}
        data-param={field.name}
        onChange={(event) => change(event.target.value)}
        onKeyDown={keys}
        className="nodrag nowheel mt-0.5 block max-h-72 w-full resize-none bg-transparent leading-5 outline-none placeholder:text-ink-3"
      />
    </label>
  );
}
