/** A stretch of one axis: the tile reads `[start, start + size)` and its result is kept for `[from, to)`. */
export interface Span {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Equal tiles along one axis of `length` pixels, the last one shifted inwards, so that the network sees one input shape.
 * Seams lie in the middle of each overlap: each side of a seam has at least `overlap` pixels of context. Where `length` fits into one tile there is
 * one span. Throws where the overlap leaves nothing of a tile.
 */
export function spans(length: number, tile: number, overlap: number): Span[] {
  if (length <= tile) return [{ start: 0, from: 0, to: length }];
  const step = tile - 2 * overlap;
  if (step <= 0) throw new RangeError(`Expected a tile of more than ${2 * overlap} pixels but received ${tile}.`);
  const count = Math.ceil((length - 2 * overlap) / step);
  const starts = Array.from({ length: count }, (_, index) => Math.min(index * step, length - tile));
  // The seam between two tiles is the middle of what both of them read.
  const seam = (index: number) => Math.floor(((starts[index] ?? 0) + tile + (starts[index + 1] ?? 0)) / 2);
  return starts.map((start, index) => ({
    start,
    from: index === 0 ? 0 : seam(index - 1),
    to: index === count - 1 ? length : seam(index),
  }));
}

/** The largest multiple of `multiple` up to `size`, and at least one. */
export function roundDown(size: number, multiple: number): number {
  return Math.max(multiple, Math.floor(size / multiple) * multiple);
}

/** The smallest multiple of `multiple` from `size` on. */
export function roundUp(size: number, multiple: number): number {
  return Math.ceil(size / multiple) * multiple;
}
