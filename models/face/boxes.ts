import type { Face } from '../contracts.ts';

/** A face as the detector sees it first: where, and how sure. */
export type ScoredBox = Pick<Face, 'box' | 'score'>;

/** Keeps the surest of boxes that overlap by more than `most` (intersection over union), surest first. */
export function withoutRepeats(found: readonly ScoredBox[], most: number): ScoredBox[] {
  const kept: ScoredBox[] = [];
  for (const candidate of [...found].sort((one, other) => other.score - one.score)) {
    if (kept.every(({ box }) => overlap(box, candidate.box) <= most)) kept.push(candidate);
  }
  return kept;
}

/** Intersection over union, 0 to 1. */
export function overlap(one: Face['box'], other: Face['box']): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (one.width * one.height + other.width * other.height - shared);
}
