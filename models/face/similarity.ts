import type { Point } from '../contracts.ts';

/** Turn, zoom and shift: x' = a·x − b·y + tx, y' = b·x + a·y + ty. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/** Where the eyes, the nose and the corners of the mouth lie in an aligned face of 512 × 512 pixels (facexlib, from FFHQ). */
export const faceTemplate: readonly Point[] = [
  [192.98138, 239.94708],
  [318.90277, 240.1936],
  [256.63416, 314.01935],
  [201.26117, 371.41043],
  [313.08905, 371.15118],
];

/**
 * The least-squares similarity without reflection from one set of points to another: Umeyama 1991, which has a closed form
 * in two dimensions. Undefined where all source points coincide.
 */
export function fitSimilarity(source: readonly Point[], target: readonly Point[]): Similarity | undefined {
  const [sourceX, sourceY] = centre(source);
  const [targetX, targetY] = centre(target);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (const [index, [x, y]] of source.entries()) {
    const [u, v] = target[index] ?? [targetX, targetY];
    along += (x - sourceX) * (u - targetX) + (y - sourceY) * (v - targetY);
    across += (x - sourceX) * (v - targetY) - (y - sourceY) * (u - targetX);
    spread += (x - sourceX) ** 2 + (y - sourceY) ** 2;
  }
  if (spread < 1e-9 || along ** 2 + across ** 2 < 1e-18) return undefined;
  const a = along / spread;
  const b = across / spread;
  return { a, b, tx: targetX - a * sourceX + b * sourceY, ty: targetY - b * sourceX - a * sourceY };
}

export function invert({ a, b, tx, ty }: Similarity): Similarity {
  const size = a * a + b * b;
  return { a: a / size, b: -b / size, tx: -(a * tx + b * ty) / size, ty: (b * tx - a * ty) / size };
}

export function apply({ a, b, tx, ty }: Similarity, [x, y]: Point): Point {
  return [a * x - b * y + tx, b * x + a * y + ty];
}

export function centre(points: readonly Point[]): Point {
  const [x, y] = points.reduce(([sumX, sumY], [px, py]) => [sumX + px, sumY + py], [0, 0]);
  return [x / points.length, y / points.length];
}
