import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pixels, Tensor, Work } from '../contracts.ts';
import type { PictureNetwork } from '../picture-network.ts';
import { pastePlanes, toPlanes } from '../planes.ts';
import { roundUp, type Span, spans } from './tiles.ts';

// Below this a tile is mostly overlap; when even this does not fit into memory, nothing will.
const smallestTile = 64;

/**
 * An RGB picture through a network, tile by tile, in the memory of the result and one tile. Seams are exact where the network's
 * overlap covers its receptive field. When memory runs out the tile is halved and the work starts again.
 */
export async function throughTiles(
  image: Pixels,
  network: PictureNetwork,
  work: Work & { tile: number },
): Promise<Pixels> {
  let furthest = 0;
  const progress = (fraction: number) => {
    furthest = Math.max(furthest, fraction);
    work.progress(furthest);
  };
  for (let tile = work.tile; ; tile = Math.floor(tile / 2)) {
    try {
      return await oncePerTile(image, network, { tile, progress, signal: work.signal });
    } catch (error) {
      if (network.size || tile / 2 < smallestTile || !isOutOfMemory(error)) throw error;
    }
  }
}

async function oncePerTile(image: Pixels, network: PictureNetwork, work: Work & { tile: number }): Promise<Pixels> {
  const { scale } = network;
  const columns = axis(image.width, work.tile, network, network.size?.width);
  const rows = axis(image.height, work.tile, network, network.size?.height);
  const width = image.width * scale;
  const height = image.height * scale;
  const data = new Uint8Array(width * height * 3);
  const count = rows.spans.length * columns.spans.length;
  let done = 0;
  for (const row of rows.spans) {
    for (const column of columns.spans) {
      // A run blocks the thread: without this turn an abort from outside would never be heard.
      await nextTurn();
      work.signal.throwIfAborted();
      const region = { left: column.start, top: row.start, width: columns.size, height: rows.size };
      const tensor = await network.run(toPlanes(image, region, network.range));
      expectSize(tensor, region.width * scale, region.height * scale);
      const kept = {
        left: (column.from - column.start) * scale,
        top: (row.from - row.start) * scale,
        width: (column.to - column.from) * scale,
        height: (row.to - row.from) * scale,
      };
      const target = { data, width, left: column.from * scale, top: row.from * scale };
      pastePlanes(tensor, kept, target, network.range);
      done += 1;
      work.progress(done / count);
    }
  }
  return { width, height, channels: 3, data };
}

/** Tiles along one axis. Starts and sizes are multiples of what the network asks, so that its grid lies the same in each. */
function axis(
  length: number,
  tile: number,
  network: PictureNetwork,
  fixed: number | undefined,
): { size: number; spans: Span[] } {
  const { multiple } = network;
  const padded = roundUp(length, multiple);
  const overlap =
    fixed === undefined ? roundUp(network.overlap, multiple) : Math.min(network.overlap, Math.floor(fixed / 4));
  const wanted = Math.max(roundUp(tile, multiple), 2 * overlap + roundUp(32, multiple));
  const size = fixed ?? Math.min(padded, wanted);
  const cut = spans(padded, size, overlap)
    .filter((span) => span.from < length)
    .map((span) => ({ ...span, to: Math.min(span.to, length) }));
  return { size, spans: cut };
}

function expectSize({ dims }: Tensor, width: number, height: number): void {
  if (dims.length === 4 && dims[1] === 3 && dims[2] === height && dims[3] === width) return;
  throw new RangeError(`Expected [1, 3, ${height}, ${width}] from the network but received [${dims.join(', ')}].`);
}

function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof Error &&
    /bad_alloc|bad allocation|out of memory|failed to allocate|allocation failed/i.test(error.message)
  );
}
