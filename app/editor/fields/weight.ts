/** A text with part of it selected. */
export interface Selected {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const weighted = /^\((.*):(-?\d+(?:\.\d+)?)\)$/s;
const mostWeight = 10;

/**
 * The text with the weight of the selected words changed by `step`: "cat" becomes "(cat:1.1)", and back at weight 1. Without
 * a selection the word at the cursor is meant. The result selects the same words, so that the change can be repeated.
 */
export function reweighted(before: Selected, step: number): Selected {
  const { text, start, end } = widened(before);
  const chosen = text.slice(start, end);
  if (chosen.trim() === '') return before;
  const found = weighted.exec(chosen);
  const words = found?.[1] ?? chosen;
  const weight = Math.round((Number(found?.[2] ?? 1) + step) * 100) / 100;
  if (weight < 0 || weight > mostWeight) return before;
  const next = weight === 1 ? words : `(${words}:${weight})`;
  return { text: text.slice(0, start) + next + text.slice(end), start, end: start + next.length };
}

/** Grows a selection to the word at the cursor, leaves spaces out, and takes in the brackets of a weight around it. */
function widened({ text, start, end }: Selected): Selected {
  let from = start;
  let to = end;
  if (from === to) {
    while (from > 0 && /[^\s,()]/.test(text.charAt(from - 1))) from--;
    while (to < text.length && /[^\s,():]/.test(text.charAt(to))) to++;
  }
  while (from < to && /\s/.test(text.charAt(from))) from++;
  while (to > from && /\s/.test(text.charAt(to - 1))) to--;
  const tail = /^:-?\d+(?:\.\d+)?\)/.exec(text.slice(to))?.[0];
  return tail && text.charAt(from - 1) === '('
    ? { text, start: from - 1, end: to + tail.length }
    : { text, start: from, end: to };
}
