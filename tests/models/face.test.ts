import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Face, ModelInfo, Pixels, Point, Tensor } from '../../models/contracts.ts';
import { overlap, withoutRepeats } from '../../models/face/boxes.ts';
import { paste } from '../../models/face/paste.ts';
import { faceRestorerFrom, type RestorerNetwork } from '../../models/face/restorer.ts';
import { apply, faceTemplate, fitSimilarity, invert } from '../../models/face/similarity.ts';
import { black, warp } from '../../models/face/warp.ts';
import { pictureNetwork } from '../../models/picture-network.ts';
import { minusOneToOne, zeroToOne } from '../../models/planes.ts';
import { openSession } from '../../models/session.ts';
import { signatureOf } from '../../models/signature.ts';
import { onnx } from '../support/onnx-networks.ts';
import { mostDifferent, plainPicture, quietWork, testPicture } from '../support/pictures.ts';

const info: ModelInfo = { id: 'test', kind: 'face-restorer', title: 'Test', bytes: 1, bundled: false };
const work = { ...quietWork, strength: 1, fidelity: 0.5 };

/** A face of about `size` pixels around a point, turned by `angle`. */
function faceAt([x, y]: Point, size: number, angle = 0): Face {
  const [a, b] = [(Math.cos(angle) * size) / 512, (Math.sin(angle) * size) / 512];
  const place = ([u, v]: Point = [0, 0]): Point => [
    x + a * (u - 256) - b * (v - 256),
    y + b * (u - 256) + a * (v - 256),
  ];
  const [one, two, three, four, five] = faceTemplate;
  const points = [place(one), place(two), place(three), place(four), place(five)] as const;
  return { box: { x: x - size / 4, y: y - size / 4, width: size / 2, height: size / 2 }, score: 0.9, points };
}

describe('similarity', () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const turned = fc.record({
    angle: number(-3, 3),
    zoom: number(0.05, 20),
    tx: number(-500, 500),
    ty: number(-500, 500),
  });

  test('turn, zoom and shift are found again from five points, and undone by the inverse', () => {
    fc.assert(
      fc.property(turned, ({ angle, zoom, tx, ty }) => {
        const known = { a: zoom * Math.cos(angle), b: zoom * Math.sin(angle), tx, ty };
        const found = fitSimilarity(
          faceTemplate,
          faceTemplate.map((point) => apply(known, point)),
        );
        if (!found) throw new Error('Expected a similarity.');
        expect(found.a).toBeCloseTo(known.a, 9);
        expect(found.b).toBeCloseTo(known.b, 9);
        const [x, y] = apply(invert(found), apply(found, [123, 45]));
        expect([x, y]).toEqual([expect.closeTo(123, 6), expect.closeTo(45, 6)]);
      }),
    );
  });

  test('it is the least-squares answer: any change makes it worse', () => {
    const target: Point[] = faceTemplate.map(([x, y], index) => [x / 3 + index * 2, y / 3 - index]);
    const best = fitSimilarity(faceTemplate, target);
    if (!best) throw new Error('Expected a similarity.');
    const error = (candidate: typeof best) =>
      faceTemplate.reduce((sum, point, index) => {
        const [x, y] = apply(candidate, point);
        const [u, v] = target[index] ?? [0, 0];
        return sum + (x - u) ** 2 + (y - v) ** 2;
      }, 0);
    for (const part of ['a', 'b', 'tx', 'ty'] as const) {
      for (const change of [-1e-3, 1e-3])
        expect(error({ ...best, [part]: best[part] + change })).toBeGreaterThan(error(best));
    }
  });

  test('points that coincide have none', () => {
    expect(
      fitSimilarity(
        Array.from({ length: 5 }, () => [3, 3] as const),
        faceTemplate,
      ),
    ).toBeUndefined();
  });
});

describe('warp and paste', () => {
  const same = { a: 1, b: 0, tx: 0, ty: 0 };

  test('the identity copies, and beyond the picture is the border', () => {
    const picture = testPicture(64, 64);
    expect(warp(picture, same, 64, black)).toEqual(picture);
    const beyond = warp(plainPicture(10, 10, [50, 60, 70]), { ...same, tx: 40 }, 64, [1, 2, 3]);
    expect([...beyond.data.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect([...beyond.data.subarray(45 * 3, 45 * 3 + 3)]).toEqual([50, 60, 70]);
  });

  test('a quarter turn moves pixels where it should', () => {
    const picture = testPicture(32, 32);
    const turned = warp(picture, { a: 0, b: 1, tx: 31, ty: 0 }, 32, black); // (x, y) → (31 − y, x)
    expect([...turned.data.subarray((5 * 32 + 21) * 3, (5 * 32 + 21) * 3 + 3)]).toEqual([
      ...picture.data.subarray((10 * 32 + 5) * 3, (10 * 32 + 5) * 3 + 3),
    ]);
  });

  test('shrinking averages, so that fine stripes become grey', () => {
    const stripes = plainPicture(256, 256, [0, 0, 0]);
    for (let index = 0; index < stripes.data.length; index += 1)
      if (Math.floor(index / 3) % 2 === 0) stripes.data[index] = 255;
    const small = warp(stripes, { a: 0.25, b: 0, tx: 0, ty: 0 }, 64, black);
    const inner = small.data.subarray((20 * 64 + 10) * 3, (20 * 64 + 50) * 3);
    expect([Math.min(...inner), Math.max(...inner)]).toEqual([128, 128]);
  });

  test('what the network left alone stays bit for bit with delta, and nearly so with replace', () => {
    for (const [mode, most] of [
      ['delta', 0],
      ['replace', 80],
    ] as const) {
      const picture = testPicture(200, 160, 4);
      const toSquare = fitSimilarity(faceAt([100, 80], 150, 0.4).points, faceTemplate);
      if (!toSquare) throw new Error('Expected a similarity.');
      const aligned = warp(picture, toSquare, 512, black);
      const result = { ...picture, data: Uint8Array.from(picture.data) };
      paste(result, { toSquare, aligned, restored: aligned, strength: 1, mode });
      expect(mostDifferent(result, picture)).toBeLessThanOrEqual(most);
    }
  });

  test('the middle is replaced, the corners of the picture stay, half strength is half way', () => {
    for (const [strength, expected] of [
      [1, 200],
      [0.5, 150],
    ] as const) {
      const picture = plainPicture(200, 200, [100, 100, 100]);
      const toSquare = fitSimilarity(faceAt([100, 100], 120).points, faceTemplate);
      if (!toSquare) throw new Error('Expected a similarity.');
      const square = plainPicture(512, 512, [200, 200, 200]);
      paste(picture, { toSquare, aligned: square, restored: square, strength, mode: 'replace' });
      expect(picture.data[(100 * 200 + 100) * 3]).toBe(expected);
      expect(picture.data[0]).toBe(100);
      // From the edge of the square inwards the change grows without a step.
      const rows = Array.from({ length: 30 }, (_, row) => picture.data[((40 + row) * 200 + 100) * 3] ?? 0);
      expect(rows[0]).toBe(100);
      for (const [row, value] of rows.entries())
        if (row > 0) expect(Math.abs(value - (rows[row - 1] ?? 0))).toBeLessThan(15);
    }
  });
});

test('boxes that show the same face are one, the surest', () => {
  const box = (x: number, score: number) => ({ box: { x, y: 0, width: 10, height: 10 }, score });
  expect(withoutRepeats([box(2, 0.5), box(0, 0.9), box(8, 0.6)], 0.4)).toEqual([box(0, 0.9), box(8, 0.6)]);
  expect(overlap(box(0, 1).box, box(5, 1).box)).toBeCloseTo(1 / 3, 12);
  expect(overlap(box(0, 1).box, box(10, 1).box)).toBe(0);
});

describe('restorers are known by their inputs', () => {
  const signature = async (bytes: Uint8Array) => {
    await using session = await openSession(bytes, { threads: 1 });
    return signatureOf(session);
  };

  test('GFPGAN has one picture, CodeFormer a number beside it, of any float type', async () => {
    expect(await signature(onnx.gfpgan())).toEqual({ kind: 'face-restorer', fidelity: undefined });
    for (const [type, dims] of [
      ['float64', [1]],
      ['float32', [1]],
      ['float64', []],
      ['float16', []],
    ] as const) {
      expect(await signature(onnx.codeformer(type, dims))).toMatchObject({
        kind: 'face-restorer',
        fidelity: { name: 'w', type },
      });
    }
  });

  test('a picture of 512 beside a whole vector is neither', async () => {
    expect(await signature(onnx.codeformer('float32', [512]))).toMatchObject({ kind: 'unknown' });
  });
});

describe('restoring', () => {
  const halving = async (mode: 'delta' | 'replace'): Promise<RestorerNetwork & AsyncDisposable> => {
    const session = await openSession(onnx.gfpgan(), { threads: 1 });
    const size = { width: 512, height: 512 };
    const network = pictureNetwork(session, { scale: 1, multiple: 1, overlap: 0, range: minusOneToOne, size }, 'test');
    const dispose = () => session.release();
    return {
      ...network,
      wholePictures: false,
      fidelity: false,
      mode,
      runFace: network.run,
      [Symbol.asyncDispose]: dispose,
    };
  };

  test('values go to -1..1 and back: halving them pulls a face towards grey, alpha stays', async () => {
    await using network = await halving('replace');
    const picture = plainPicture(300, 300, [255, 0, 127, 77]);
    const result = await faceRestorerFrom(info, network).restoreFaces(picture, [faceAt([150, 150], 200)], work);
    expect([...result.data.subarray((150 * 300 + 150) * 4, (150 * 300 + 150) * 4 + 4)]).toEqual([191, 64, 127, 77]);
    expect([...result.data.subarray(0, 4)]).toEqual([255, 0, 127, 77]);
    expect(picture.data[(150 * 300 + 150) * 4]).toBe(255);
  });

  test('strength zero changes nothing, and no faces give the same picture', async () => {
    await using network = await halving('replace');
    const picture = testPicture(200, 200);
    const restorer = faceRestorerFrom(info, network);
    expect(
      mostDifferent(await restorer.restoreFaces(picture, [faceAt([90, 90], 150)], { ...work, strength: 0 }), picture),
    ).toBe(0);
    expect(mostDifferent(await restorer.restoreFaces(picture, [], work), picture)).toBe(0);
  });

  test.each([
    ['a large face fills 512 pixels', 300, 512],
    ['a small face fills 256', 120, 256],
  ])('%s, with eyes, nose and mouth on the template', async (_name, size, side) => {
    const face = faceAt([256, 256], size, 0.3);
    const picture = plainPicture(512, 512, [0, 0, 0]);
    const [eye, , , , mouth] = face.points;
    const seen: Tensor[] = [];
    for (const point of [eye, mouth]) dot(picture, point);
    const network = { scale: 1, multiple: 1, overlap: 0, range: zeroToOne, wholePictures: true, fidelity: false };
    const run = async (tensor: Tensor) => {
      seen.push(tensor);
      return tensor;
    };
    await faceRestorerFrom(info, { ...network, mode: 'delta', run, runFace: run }).restoreFaces(picture, [face], work);
    const [aligned] = seen;
    expect(aligned?.dims).toEqual([1, 3, side, side]);
    const wanted = [faceTemplate[0], faceTemplate[4]].map((point) => point?.map((value) => (value * side) / 512));
    const found = [0, 1].map((half) => brightest(aligned?.data ?? new Float32Array(), side, half));
    for (const [index, [x, y]] of found.entries()) {
      expect(Math.hypot(x - (wanted[index]?.[0] ?? 0), y - (wanted[index]?.[1] ?? 0))).toBeLessThan(1);
    }
  });

  test('whole pictures are refused where the network takes single faces', async () => {
    await using network = await halving('replace');
    await expect(faceRestorerFrom(info, network).restoreWhole(testPicture(9, 9), work)).rejects.toThrow(
      'single faces only',
    );
  });

  test('a stop is heard between faces', async () => {
    await using network = await halving('replace');
    const stop = new AbortController();
    const progress = () => stop.abort();
    const faces = [faceAt([60, 60], 80), faceAt([140, 140], 80)];
    const stopped = faceRestorerFrom(info, network).restoreFaces(testPicture(200, 200), faces, {
      ...work,
      signal: stop.signal,
      progress,
    });
    await expect(stopped).rejects.toThrow('aborted');
  });

  test('a degenerate face is an error', async () => {
    await using network = await halving('replace');
    const point: Point = [5, 5];
    const face: Face = { ...faceAt([9, 9], 9), points: [point, point, point, point, point] };
    await expect(faceRestorerFrom(info, network).restoreFaces(testPicture(9, 9), [face], work)).rejects.toThrow(
      'five different points',
    );
  });
});

/** A soft white spot around a point. */
function dot(picture: Pixels, [x, y]: Point): void {
  for (let index = 0; index < picture.data.length; index += 1) {
    const pixel = Math.floor(index / 3);
    const distance = Math.hypot((pixel % picture.width) - x, Math.floor(pixel / picture.width) - y);
    picture.data[index] = Math.max(picture.data[index] ?? 0, 255 - 40 * distance);
  }
}

/** The centre of the light in the left upper (0) or right lower (1) part of a square's first channel. */
function brightest(data: Float32Array, side: number, half: number): Point {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    const weight = x + y > side * 1.1 === (half === 1) ? (data[pixel] ?? 0) : 0;
    sum += weight;
    sumX += weight * x;
    sumY += weight * y;
  }
  return [sumX / sum, sumY / sum];
}
