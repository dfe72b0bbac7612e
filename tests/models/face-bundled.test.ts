import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledModels } from '../../models/bundled.ts';
import type { FaceDetector, FaceRestorer, Pixels, Point } from '../../models/contracts.ts';
import { apply, invert, type Similarity } from '../../models/face/similarity.ts';
import { black, warp } from '../../models/face/warp.ts';
import { pictureNetwork } from '../../models/picture-network.ts';
import { createModelPool } from '../../models/pool.ts';
import { openSession } from '../../models/session.ts';
import { throughTiles } from '../../models/upscale/tiled.ts';
import { damagedFace, drawnFace, drawnPoints } from '../support/drawn-face.ts';
import { mostDifferent, quietWork } from '../support/pictures.ts';

const models = createModelPool({
  bundledFolder: 'models/bundled',
  modelsFolder: 'models/none',
  digestsFile: 'unused',
  memoryBudget: 1e9,
  threads: 1,
});
let detector: FaceDetector;
let restorer: FaceRestorer;
beforeAll(async () => {
  detector = await models.lease('face-detector', 'bundled/face-detector', quietWork.signal);
  restorer = await models.lease('face-restorer', 'bundled/face-clean-up', quietWork.signal);
});
afterAll(() => models[Symbol.asyncDispose]());

const look = { ...quietWork, threshold: 0.4 };

// The network puts one corner of the drawn mouth 8 pixels off on a face 200 pixels wide; the other points are within 4.
test.each([
  ['upright', 0, 1],
  ['tilted to the right', 0.35, 1],
  ['tilted to the left', -0.25, 1],
  ['half as large, at the edge', 0, 0.5],
])('a face %s is found with its five points', async (_name, angle, zoom) => {
  const place = turned(angle, zoom);
  const picture = warp(await drawnFace(), place, 640, black);
  const faces = await detector.detect(picture, look);
  expect(faces).toHaveLength(1);
  const [face] = faces;
  if (!face) throw new Error('Expected a face.');
  expect(face.score).toBeGreaterThan(0.4);
  for (const [index, point] of drawnPoints.entries()) {
    const [x, y] = apply(place, point);
    const [foundX, foundY] = face.points[index] ?? [Number.NaN, Number.NaN];
    expect(Math.hypot(foundX - x, foundY - y)).toBeLessThan(12 * zoom);
    const { box } = face;
    expect(x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height).toBe(true);
  }
});

test('a tilt of the head does not move the points, for the second look is upright', async () => {
  const found = async (angle: number) => {
    const [face] = await detector.detect(warp(await drawnFace(), turned(angle, 1), 640, black), look);
    return (face?.points ?? []).map((point) => apply(invert(turned(angle, 1)), point));
  };
  const upright = await found(0);
  expect(upright).toHaveLength(5);
  for (const angle of [0.35, -0.25]) {
    for (const [index, [x, y]] of (await found(angle)).entries()) {
      expect(Math.hypot(x - (upright[index]?.[0] ?? 0), y - (upright[index]?.[1] ?? 0))).toBeLessThan(2);
    }
  }
});

test('two faces side by side are two, the surest first, and a stop is heard', async () => {
  const one = await drawnFace();
  const data = new Uint8Array(one.data.length * 2);
  for (let row = 0; row < one.height * 2; row += 1) {
    data.set(
      one.data.subarray((row % one.height) * one.width * 3, ((row % one.height) + 1) * one.width * 3),
      row * one.width * 3,
    );
  }
  const stacked: Pixels = { width: one.width, height: one.height * 2, channels: 3, data };
  const faces = await detector.detect(stacked, look);
  expect(faces).toHaveLength(2);
  expect((faces[0]?.score ?? 0) >= (faces[1]?.score ?? 0)).toBe(true);
  expect(Math.abs((faces[0]?.box.y ?? 0) - (faces[1]?.box.y ?? 0))).toBeGreaterThan(400);
  await expect(detector.detect(stacked, { ...look, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
});

test('a higher threshold finds nothing more, and 1 finds nothing', async () => {
  expect(await detector.detect(await drawnFace(), { ...look, threshold: 1 })).toEqual([]);
});

test('the clean-up brings a damaged picture nearer to the original', async () => {
  const [original, damaged] = [await drawnFace(), await damagedFace()];
  const whole = await restorer.restoreWhole(damaged, { ...quietWork, strength: 1 });
  expect(difference(whole, original)).toBeLessThan(0.9 * difference(damaged, original));
  const faces = await detector.detect(damaged, look);
  const single = await restorer.restoreFaces(damaged, faces, { ...quietWork, strength: 1, fidelity: 0 });
  expect(difference(single, original)).toBeLessThan(0.97 * difference(damaged, original));
  // Far from the face nothing is touched.
  expect(single.data.subarray(0, 640 * 3)).toEqual(damaged.data.subarray(0, 640 * 3));
  expect(mostDifferent(await restorer.restoreWhole(damaged, { ...quietWork, strength: 0 }), damaged)).toBe(0);
});

test('tiles of the clean-up differ from the whole by one level at most', async () => {
  const traits = bundledModels.find(({ id }) => id === 'bundled/face-clean-up')?.traits;
  if (!traits) throw new Error('Expected traits.');
  await using session = await openSession('models/bundled/face-clean-up.onnx', { threads: 1 });
  const network = pictureNetwork(session, traits, 'test');
  const picture = await damagedFace();
  const whole = await throughTiles(picture, network, { ...quietWork, tile: 1024 });
  expect(mostDifferent(await throughTiles(picture, network, { ...quietWork, tile: 256 }), whole)).toBeLessThanOrEqual(
    1,
  );
});

/** Turns and zooms the drawn picture about the middle of its face, which stays within the square. */
function turned(angle: number, zoom: number): Similarity {
  const [a, b] = [zoom * Math.cos(angle), zoom * Math.sin(angle)];
  const [x, y]: Point = zoom < 1 ? [110, 130] : [320, 260];
  const middle = apply({ a, b, tx: 0, ty: 0 }, [320, 240]);
  return { a, b, tx: x - middle[0], ty: y - middle[1] };
}

/** Mean squared difference in levels. */
function difference(one: Pixels, other: Pixels): number {
  return one.data.reduce((sum, value, index) => sum + (value - (other.data[index] ?? 0)) ** 2, 0) / one.data.length;
}
