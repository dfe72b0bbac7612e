import { useState } from 'react';
import type { ImageRef } from '../../../nodes/ports.ts';
import { imageUrl } from '../api.ts';

/** Two pictures in one frame with a line between them that can be moved: the one before on its left. */
export function Compare({ before, after }: { before: ImageRef; after: ImageRef }) {
  const [at, setAt] = useState(50);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 items-center justify-center overflow-hidden p-4">
      <div
        className="relative max-h-full overflow-hidden rounded-lg"
        style={{
          aspectRatio: after.width / after.height,
          width: `min(100%, ${Math.max(after.width, 640)}px, 75vh * ${after.width / after.height})`,
        }}
      >
        <img
          src={imageUrl(after.digest)}
          alt="After"
          className="absolute inset-0 size-full object-contain"
          draggable={false}
        />
        <img
          src={imageUrl(before.digest)}
          alt="Before"
          className="absolute inset-0 size-full object-contain"
          style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }}
          draggable={false}
        />
        <div
          className="pointer-events-none absolute inset-y-0 w-0.5 bg-white shadow"
          style={{ left: `calc(${at}% - 1px)` }}
        />
        <span className="pointer-events-none absolute top-2 left-2 rounded bg-black/60 px-2 py-0.5 text-xs text-white">
          Before
        </span>
        <span className="pointer-events-none absolute top-2 right-2 rounded bg-black/60 px-2 py-0.5 text-xs text-white">
          After
        </span>
        <input
          type="range"
          aria-label="Place of the line between before and after"
          min={0}
          max={100}
          step={0.1}
          value={at}
          onChange={(event) => setAt(Number(event.target.value))}
          className="absolute inset-0 size-full cursor-ew-resize opacity-0"
        />
      </div>
    </div>
  );
}
