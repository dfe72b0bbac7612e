import { getViewportForBounds, type Rect, type Viewport } from '@xyflow/react';
import { cardWidth } from '../node/card-size.ts';

const narrow = 640;
const leastZoom = 0.08;

/** The boxes of nodes on the canvas, and the size of the window, in pixels. */
export interface Scene {
  readonly boxes: readonly Rect[];
  readonly width: number;
  readonly height: number;
}

/**
 * The view that shows a whole graph free of the bars, never larger than drawn, with room for the pictures that a run will
 * add below. A narrow window shows the first node, which can be read, rather than all of them, which could not.
 */
export function viewOf({ boxes, width, height }: Scene): Viewport {
  const [first] = [...boxes].sort((a, b) => a.x - b.x || a.y - b.y);
  if (!first) return { x: width / 2, y: height / 2, zoom: 1 };
  if (width < narrow) {
    const zoom = Math.min(1, (width - 40) / first.width);
    return { x: (width - first.width * zoom) / 2 - first.x * zoom, y: 128 - first.y * zoom, zoom };
  }
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const bounds = { x: left, y: top, width: right - left, height: Math.max(bottom - top, cardWidth * 2.6) };
  const padding = { top: '76px', left: '72px', right: '24px', bottom: '128px' } as const;
  return getViewportForBounds(bounds, width, height, leastZoom, 1, padding);
}
