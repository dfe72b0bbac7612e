/** A stretch of a prompt and how strongly it counts; 1 is plain text. */
export interface Segment {
  readonly text: string;
  readonly weight: number;
}

/**
 * ComfyUI's prompt dialect (comfy/sd1_clip.py, token_weights): `(x)` counts 1.1 times as much, `(x:1.3)` counts 1.3
 * whatever surrounds it, `\(` and `\)` are brackets of the text. All other signs are text.
 * A weight that is no finite number stays text, where Python would take `nan` and `inf` and spoil the picture.
 */
export function segmentsIn(prompt: string): Segment[] {
  const hidden = prompt.replaceAll('\\)', closing).replaceAll('\\(', opening);
  const segments: Segment[] = [];
  // A list of what is left in place of recursion: brackets may be nested thousands deep.
  const left = partsIn(hidden, 1).reverse();
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (isBracketed(part.text)) left.push(...insideOf(part).reverse());
    else segments.push({ ...part, text: part.text.replaceAll(closing, ')').replaceAll(opening, '(') });
  }
  return segments;
}

const closing = '\0\x01';
const opening = '\0\x02';

function isBracketed(text: string): boolean {
  return text.length >= 2 && text.startsWith('(') && text.endsWith(')');
}

function insideOf({ text, weight }: Segment): Segment[] {
  const inner = text.slice(1, -1);
  const colon = inner.lastIndexOf(':');
  const stated = colon > 0 ? weightIn(inner.slice(colon + 1)) : undefined;
  if (stated !== undefined) return partsIn(inner.slice(0, colon), stated);
  return partsIn(inner, Math.min(weight * 1.1, Number.MAX_VALUE));
}

/** The outermost brackets and what is between them, in order; an opening bracket without its pair runs to the end. */
function partsIn(text: string, weight: number): Segment[] {
  const parts: Segment[] = [];
  let start = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '(') {
      if (depth === 0 && index > start) {
        parts.push({ text: text.slice(start, index), weight });
        start = index;
      }
      depth++;
    } else if (character === ')') {
      depth--;
      if (depth === 0) {
        parts.push({ text: text.slice(start, index + 1), weight });
        start = index + 1;
      }
    }
  }
  if (start < text.length) parts.push({ text: text.slice(start), weight });
  return parts;
}

const digits = String.raw`\d+(?:_\d+)*`;
const number = new RegExp(String.raw`^[+-]?(?:${digits}\.?(?:${digits})?|\.${digits})(?:e[+-]?${digits})?$`, 'i');

/** What Python's float() reads in ASCII digits. */
function weightIn(text: string): number | undefined {
  const trimmed = text.trim();
  if (!number.test(trimmed)) return undefined;
  const value = Number(trimmed.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}
