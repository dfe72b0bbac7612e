import { flatten } from '../alpha.ts';
import type { Face, FaceDetector, ModelInfo, Pixels } from '../contracts.ts';
import { floats } from '../picture-network.ts';
import { resize } from '../pixels.ts';
import { toPlanes, zeroTo255 } from '../planes.ts';
import type { Session } from '../session.ts';
import { type ScoredBox, withoutRepeats } from './boxes.ts';
import { landmarksIn } from './landmarks.ts';

const side = 512;
// Boxes that share more than this are the same face.
const sameFace = 0.4;

/** face-api's SSD-MobileNet for boxes, its 68-point network for the points: both networks read RGB from 0 to 255. */
export function faceDetectorFrom(info: ModelInfo, networks: { boxes: Session; points: Session }): FaceDetector {
  return {
    info,
    async detect(image, { threshold, signal, progress }) {
      const picture = flatten(image, [127, 127, 127]);
      const boxes = await boxesIn(picture, networks.boxes, threshold, signal);
      const faces: Face[] = [];
      for (const [index, { box, score }] of boxes.entries()) {
        signal.throwIfAborted();
        const points = await landmarksIn(picture, box, networks.points);
        if (points) faces.push({ box, score, points });
        progress(0.5 + (0.5 * (index + 1)) / boxes.length);
      }
      progress(1);
      return faces;
    },
  };
}

async function boxesIn(image: Pixels, session: Session, threshold: number, signal: AbortSignal): Promise<ScoredBox[]> {
  signal.throwIfAborted();
  const { input, horizontal, vertical } = await fitted(image);
  signal.throwIfAborted();
  const results = await session.run({ image: { type: 'float32', dims: input.dims, data: input.data } });
  const boxes = floats(results.boxes, 'bundled/face-detector').data; // [1, n, 4] top, left, bottom, right; 0..1
  const scores = floats(results.scores, 'bundled/face-detector').data; // [1, n]
  const found: ScoredBox[] = [];
  for (const [index, score] of scores.entries()) {
    if (!(score > threshold)) continue;
    const [top = 0, left = 0, bottom = 0, right = 0] = boxes.subarray(index * 4, index * 4 + 4);
    const x = Math.max(0, left * horizontal);
    const y = Math.max(0, top * vertical);
    const width = Math.min(image.width, right * horizontal) - x;
    const height = Math.min(image.height, bottom * vertical) - y;
    if (width > 0 && height > 0) found.push({ box: { x, y, width, height }, score });
  }
  return withoutRepeats(found, sameFace);
}

/** The picture inside a black square of 512 pixels, at its upper left as face-api puts it, and what 1 means along each axis. */
async function fitted(image: Pixels) {
  const shrink = side / Math.max(image.width, image.height);
  const width = Math.max(1, Math.round(image.width * shrink));
  const height = Math.max(1, Math.round(image.height * shrink));
  const small = await resize(image, width, height, 'linear');
  const data = new Uint8Array(side * side * 3);
  for (let row = 0; row < height; row += 1) {
    data.set(small.data.subarray(row * width * 3, (row + 1) * width * 3), row * side * 3);
  }
  const square: Pixels = { width: side, height: side, channels: 3, data };
  return {
    input: toPlanes(square, { left: 0, top: 0, width: side, height: side }, zeroTo255),
    horizontal: (image.width / width) * side,
    vertical: (image.height / height) * side,
  };
}
