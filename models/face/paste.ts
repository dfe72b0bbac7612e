import type { Pixels, Point } from '../contracts.ts';
import { read, sampleAt } from './bilinear.ts';
import { apply, invert, type Similarity } from './similarity.ts';

/** How a repaired square goes back into its picture. */
export interface Paste {
  /** From the picture to the square. */
  readonly toSquare: Similarity;
  readonly aligned: Pixels;
  readonly restored: Pixels;
  /** 0 keeps the picture, 1 takes the repaired face. */
  readonly strength: number;
  /**
   * `replace` shows the repaired square; `delta` adds only what the network changed, so that what it left alone stays
   * bit for bit and keeps its grain.
   */
  readonly mode: 'replace' | 'delta';
}

// The square fades in over this part of its side.
const feather = 0.12;

/** Puts a repaired square into `target`, in place; alpha is left as it is. */
export function paste(target: Pixels, { toSquare, aligned, restored, strength, mode }: Paste): void {
  const { width: side } = restored;
  const bounds = boundsIn(target, toSquare, side);
  for (let y = bounds.top; y <= bounds.bottom; y += 1) {
    for (let x = bounds.left; x <= bounds.right; x += 1) {
      const [u, v] = apply(toSquare, [x, y]);
      const weight = strength * fade(Math.min(u, v, side - 1 - u, side - 1 - v) / (feather * side));
      if (weight <= 0) continue;
      const sample = sampleAt(u, v, side, side, 3);
      const offset = (y * target.width + x) * target.channels;
      for (let channel = 0; channel < 3; channel += 1) {
        const before = target.data[offset + channel] ?? 0;
        const repaired = read(restored.data, sample, channel);
        const after = mode === 'replace' ? repaired : before + repaired - read(aligned.data, sample, channel);
        target.data[offset + channel] = toByte(before * (1 - weight) + after * weight);
      }
    }
  }
}

/** Smoothstep: 0 up to 0, 1 from 1 on, level at both ends. */
function fade(position: number): number {
  const inside = Math.min(1, Math.max(0, position));
  return inside * inside * (3 - 2 * inside);
}

function boundsIn(target: Pixels, toSquare: Similarity, side: number) {
  const back = invert(toSquare);
  const corners: Point[] = [
    [0, 0],
    [side, 0],
    [0, side],
    [side, side],
  ];
  const points = corners.map((corner) => apply(back, corner));
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    left: Math.max(0, Math.floor(Math.min(...xs))),
    top: Math.max(0, Math.floor(Math.min(...ys))),
    right: Math.min(target.width - 1, Math.ceil(Math.max(...xs))),
    bottom: Math.min(target.height - 1, Math.ceil(Math.max(...ys))),
  };
}

const toByte = (value: number) => Math.min(255, Math.max(0, Math.floor(value + 0.5)));
