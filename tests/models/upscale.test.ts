import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverHidden } from '../../models/alpha.ts';
import { bundledModels } from '../../models/bundled.ts';
import type { ModelInfo, Tensor } from '../../models/contracts.ts';
import { NonFiniteError } from '../../models/errors.ts';
import { type PictureNetwork, pictureNetwork } from '../../models/picture-network.ts';
import { zeroTo255, zeroToOne } from '../../models/planes.ts';
import { openSession } from '../../models/session.ts';
import { signatureOf } from '../../models/signature.ts';
import { probe } from '../../models/upscale/probe.ts';
import { throughTiles } from '../../models/upscale/tiled.ts';
import { spans } from '../../models/upscale/tiles.ts';
import { upscalerFrom } from '../../models/upscale/upscaler.ts';
import { onnx } from '../support/onnx-networks.ts';
import { mostDifferent, plainPicture, quietWork, testPicture } from '../support/pictures.ts';

const info: ModelInfo = { id: 'test', kind: 'upscaler', title: 'Test', bytes: 1, bundled: false };
const plain = { multiple: 1, overlap: 0, range: zeroToOne };
const open = (model: string | Uint8Array) => openSession(model, { threads: 1 });

test('tiles cover each pixel once and keep their context on both sides of a seam', () => {
  const axes = fc.record({ length: fc.integer({ min: 1, max: 3000 }), tile: fc.integer({ min: 8, max: 600 }) });
  fc.assert(
    fc.property(axes, fc.integer({ min: 0, max: 40 }), ({ length, tile }, overlap) => {
      fc.pre(tile > 2 * overlap);
      const cut = spans(length, tile, overlap);
      expect(cut[0]?.from).toBe(0);
      expect(cut.at(-1)?.to).toBe(length);
      for (const [index, { start, from, to }] of cut.entries()) {
        expect(to).toBeGreaterThan(from);
        expect(start >= 0 && start + Math.min(tile, length) <= length).toBe(true);
        if (index > 0)
          expect({ from, context: from - start >= overlap }).toEqual({ from: cut[index - 1]?.to, context: true });
        if (index < cut.length - 1) expect(start + tile - to).toBeGreaterThanOrEqual(overlap);
      }
    }),
  );
});

test('a tile that is all overlap is refused', () => {
  expect(() => spans(100, 32, 16)).toThrow('more than 32 pixels');
});

describe('through tiles', () => {
  test('the result is that of the whole picture where the overlap covers the receptive field', async () => {
    await using session = await open(onnx.mixing());
    const picture = testPicture(150, 111);
    const network = (overlap: number) => pictureNetwork(session, { ...plain, scale: 2, overlap }, 'test');
    const whole = await throughTiles(picture, network(2), { ...quietWork, tile: 512 });
    const tiled = await throughTiles(picture, network(2), { ...quietWork, tile: 40 });
    expect(whole).toMatchObject({ width: 300, height: 222 });
    expect(mostDifferent(tiled, whole)).toBe(0);
    const short = await throughTiles(picture, network(1), { ...quietWork, tile: 40 });
    expect(mostDifferent(short, whole)).toBeGreaterThan(0);
  });

  test('each pixel is where it was, for sizes of one pixel and up', async () => {
    await using session = await open(onnx.nearest(3));
    const network = pictureNetwork(session, { ...plain, scale: 3 }, 'test');
    for (const [width, height] of [
      [1, 1],
      [5, 200],
      [65, 64],
    ] as const) {
      const picture = testPicture(width, height);
      const { data } = await throughTiles(picture, network, { ...quietWork, tile: 64 });
      const middle = ([x, y]: readonly [number, number]) => ((3 * y + 1) * 3 * width + 3 * x + 1) * 3;
      for (let pixel = 0; pixel < width * height; pixel += 7) {
        const at = middle([pixel % width, Math.floor(pixel / width)]);
        expect([...data.subarray(at, at + 3)]).toEqual([...picture.data.subarray(pixel * 3, pixel * 3 + 3)]);
      }
    }
  });

  test('sides that are no multiple are filled up and cut off again', async () => {
    await using session = await open(onnx.folding());
    const network = pictureNetwork(session, { ...plain, scale: 1, multiple: 4, overlap: 3 }, 'test');
    const picture = testPicture(131, 77);
    expect(mostDifferent(await throughTiles(picture, network, { ...quietWork, tile: 50 }), picture)).toBe(0);
  });

  test('a network that works in blocks sees the same blocks in each tile', async () => {
    await using session = await open(onnx.blocks());
    const network = pictureNetwork(session, { ...plain, scale: 1, multiple: 4, overlap: 3 }, 'test');
    const picture = testPicture(131, 77);
    const whole = await throughTiles(picture, network, { ...quietWork, tile: 512 });
    expect(mostDifferent(await throughTiles(picture, network, { ...quietWork, tile: 50 }), whole)).toBe(0);
  });

  test('a network of one size takes smaller and larger pictures', async () => {
    await using session = await open(onnx.nearest(2, { dims: [1, 3, 64, 64] }));
    const network = pictureNetwork(
      session,
      { ...plain, scale: 2, overlap: 8, size: { width: 64, height: 64 } },
      'test',
    );
    for (const side of [20, 64, 150]) {
      const result = await throughTiles(plainPicture(side, side, [9, 99, 199]), network, { ...quietWork, tile: 256 });
      expect(mostDifferent(result, plainPicture(2 * side, 2 * side, [9, 99, 199]))).toBe(0);
    }
  });

  test('progress rises to one, and a stop ends it before the next tile', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const progress = (fraction: number) => {
      seen.push(fraction);
      if (seen.length === 3) stop.abort();
    };
    const work = { tile: 64, signal: stop.signal, progress };
    await expect(throughTiles(testPicture(300, 300), memory(Number.POSITIVE_INFINITY), work)).rejects.toThrow(
      'aborted',
    );
    expect(seen).toHaveLength(3);
    const all: number[] = [];
    await throughTiles(testPicture(150, 90), memory(100), {
      ...quietWork,
      tile: 128,
      progress: (fraction) => all.push(fraction),
    });
    expect(all).toEqual([...all].sort((one, other) => one - other));
    expect(all.at(-1)).toBe(1);
  });

  test('when memory runs out the tile is halved, down to 64 pixels', async () => {
    const picture = testPicture(300, 200);
    expect(mostDifferent(await throughTiles(picture, memory(100), { ...quietWork, tile: 256 }), picture)).toBe(0);
    await expect(throughTiles(picture, memory(40), { ...quietWork, tile: 256 })).rejects.toThrow('bad_alloc');
  });

  test('values that are no numbers are an error, not a black picture', async () => {
    await using session = await open(onnx.broken());
    const network = pictureNetwork(session, { ...plain, scale: 1 }, 'test');
    await expect(throughTiles(testPicture(8, 8), network, { ...quietWork, tile: 64 })).rejects.toThrow(NonFiniteError);
  });

  test('half precision goes in and comes out', async () => {
    await using session = await open(onnx.nearest(1, { type: 'float16' }));
    const network = pictureNetwork(session, { ...plain, scale: 1 }, 'test');
    const picture = testPicture(40, 40);
    expect(mostDifferent(await throughTiles(picture, network, { ...quietWork, tile: 64 }), picture)).toBe(0);
  });
});

describe('alpha', () => {
  test('is enlarged beside the colours', async () => {
    await using session = await open(onnx.nearest(2));
    const upscaler = upscalerFrom(info, pictureNetwork(session, { ...plain, scale: 2 }, 'test'));
    const result = await upscaler.upscale(testPicture(30, 20, 4), { ...quietWork, tile: 64 });
    expect(result).toMatchObject({ width: 60, height: 40, channels: 4 });
    expect(result.data.length).toBe(60 * 40 * 4);
    const slope = [0, 20, 40, 59].map((x) => result.data[x * 4 + 3] ?? 0);
    expect(slope).toEqual([...slope].sort((one, other) => one - other));
  });

  test('hidden colours do not reach the network, visible ones stay', async () => {
    const picture = plainPicture(9, 9, [0, 255, 0]);
    const alpha = new Uint8Array(81);
    picture.data.set([200, 10, 10], 40 * 3);
    alpha[40] = 1;
    expect(coverHidden(picture, alpha)).toEqual(plainPicture(9, 9, [200, 10, 10]));
  });
});

describe('a network of the user is found out by running it', () => {
  const traits = async (bytes: Uint8Array) => {
    await using session = await open(bytes);
    const signature = signatureOf(session);
    return signature.kind === 'upscaler' ? await probe(session, signature.size, 'test.onnx') : signature;
  };

  test('scale, range, multiple and reach', async () => {
    expect(await traits(onnx.nearest(3))).toEqual({
      scale: 3,
      multiple: 1,
      overlap: 0,
      range: zeroToOne,
      size: undefined,
    });
    expect(await traits(onnx.bytes(2))).toMatchObject({ scale: 2, range: zeroTo255 });
    expect(await traits(onnx.folding())).toMatchObject({ scale: 1, multiple: 4 });
    expect(await traits(onnx.blocks())).toMatchObject({ scale: 1, multiple: 4 });
    expect(await traits(onnx.nearest(4, { type: 'float16' }))).toMatchObject({ scale: 4, range: zeroToOne });
    expect(await traits(onnx.nearest(2, { dims: [1, 3, 48, 64] }))).toMatchObject({
      scale: 2,
      size: { width: 64, height: 48 },
    });
  });

  test.each([
    ['gives a negative', onnx.inverting(), 'Expected test.onnx to give back an enlarged picture'],
    ['gives no numbers', onnx.broken(), 'Expected test.onnx to give back an enlarged picture'],
  ])('one that %s is refused', async (_name, bytes, message) => {
    await expect(traits(bytes)).rejects.toThrow(message);
  });

  test('one that reads grey is refused by its inputs', async () => {
    expect(await traits(onnx.grey())).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('input float32[1, 1,'),
    });
  });

  test.each(bundledModels.filter(({ kind }) => kind === 'upscaler'))(
    '$title is as its entry says',
    async ({ files, traits: said }) => {
      await using session = await open(`models/bundled/${files[0]}`);
      const found = await probe(session, undefined, 'bundled');
      expect(found).toMatchObject({ scale: said?.scale, multiple: said?.multiple, range: said?.range });
      expect(found.overlap).toBeLessThanOrEqual(said?.overlap ?? 0);
    },
  );
});

test.each(bundledModels.filter(({ kind }) => kind === 'upscaler'))(
  '$title leaves no seams',
  async ({ files, traits }) => {
    await using session = await open(`models/bundled/${files[0]}`);
    if (!traits) throw new Error('Expected traits.');
    const network = pictureNetwork(session, traits, 'bundled');
    const picture = testPicture(120, 90);
    const whole = await throughTiles(picture, network, { ...quietWork, tile: 256 });
    const tiled = await throughTiles(picture, network, { ...quietWork, tile: 70 });
    expect(mostDifferent(tiled, whole)).toBe(0);
  },
);

/** A network that copies, and has no memory for tiles of more than `most` pixels a side. */
function memory(most: number): PictureNetwork {
  const run = async (tensor: Tensor) => {
    if ((tensor.dims[2] ?? 0) > most || (tensor.dims[3] ?? 0) > most) throw new Error('std::bad_alloc');
    return tensor;
  };
  return { ...plain, scale: 1, run };
}
