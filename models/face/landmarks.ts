import type { Face, Pixels, Point } from '../contracts.ts';
import { floats } from '../picture-network.ts';
import { toPlanes, zeroTo255 } from '../planes.ts';
import type { Session } from '../session.ts';
import { apply, centre, invert, type Similarity } from './similarity.ts';
import { black, warp } from './warp.ts';

const side = 112;
const passes = 2;
// How much larger than the points' extent the square of the second pass is.
const margin = 1.12;

interface Square {
  readonly middle: Point;
  readonly side: number;
  /** Radians by which the face is turned. */
  readonly angle: number;
}

/**
 * Eyes, nose and corners of the mouth of the face in a box. The network sees the face twice: first in its box, then upright
 * and centred on what the first look found, which makes tilted heads and profiles exact. Undefined where the points make no face.
 */
export async function landmarksIn(
  image: Pixels,
  box: Face['box'],
  session: Session,
): Promise<Face['points'] | undefined> {
  let square: Square = {
    middle: [box.x + box.width / 2, box.y + box.height / 2],
    side: Math.max(box.width, box.height),
    angle: 0,
  };
  let points: Point[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    points = await look(image, square, session);
    square = squareAround(points);
    if (!(square.side > 1)) return undefined;
  }
  return fivePoints(points);
}

/** All 68 points (iBUG 300-W order) in the picture's coordinates. */
async function look(image: Pixels, square: Square, session: Session): Promise<Point[]> {
  const toSquare = similarityTo(square);
  const crop = warp(image, toSquare, side, black);
  const input = toPlanes(crop, { left: 0, top: 0, width: side, height: side }, zeroTo255);
  const results = await session.run({ face: { type: 'float32', dims: input.dims, data: input.data } });
  const { data } = floats(results.points, 'bundled/face-detector');
  const back = invert(toSquare);
  return Array.from({ length: 68 }, (_, index) =>
    apply(back, [at(data, 2 * index) * side, at(data, 2 * index + 1) * side]),
  );
}

function similarityTo({ middle: [x, y], side: length, angle }: Square): Similarity {
  const a = (Math.cos(angle) * side) / length;
  const b = (-Math.sin(angle) * side) / length;
  const centreOfCrop = (side - 1) / 2;
  return { a, b, tx: centreOfCrop - a * x + b * y, ty: centreOfCrop - b * x - a * y };
}

function squareAround(points: readonly Point[]): Square {
  const [left, right] = [centre(points.slice(36, 42)), centre(points.slice(42, 48))];
  const angle = Math.atan2(right[1] - left[1], right[0] - left[0]);
  const upright = points.map((point) => turn(point, -angle));
  const [x, width] = extent(upright.map(([along]) => along));
  const [y, height] = extent(upright.map(([, down]) => down));
  return { middle: turn([x, y], angle), side: Math.max(width, height) * margin, angle };
}

function fivePoints(points: readonly Point[]): Face['points'] | undefined {
  const [nose, left, right] = [points[30], points[48], points[54]];
  if (!nose || !left || !right) return undefined;
  return [centre(points.slice(36, 42)), centre(points.slice(42, 48)), nose, left, right];
}

function turn([x, y]: Point, angle: number): Point {
  return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
}

function extent(values: readonly number[]): [middle: number, length: number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return [(low + high) / 2, high - low];
}

const at = (data: Float32Array, index: number) => data[index] ?? Number.NaN;
