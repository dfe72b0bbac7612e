import { type PointerEvent, useRef, useState, type WheelEvent } from 'react';
import type { ImageRef } from '../../../nodes/ports.ts';
import { imageUrl } from '../api.ts';

interface View {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

const fitted: View = { zoom: 1, x: 0, y: 0 };
const mostZoom = 24;

/** A picture that fits its place; the wheel zooms at the pointer, dragging pans, a double click goes back and forth. */
export function ZoomedPicture({ picture }: { picture: ImageRef }) {
  const [view, setView] = useState(fitted);
  const grip = useRef<{ x: number; y: number }>(undefined);

  const zoomAt = (event: { clientX: number; clientY: number; currentTarget: Element }, factor: number) => {
    const box = event.currentTarget.getBoundingClientRect();
    const px = event.clientX - box.left - box.width / 2;
    const py = event.clientY - box.top - box.height / 2;
    setView((before) => {
      const zoom = Math.min(mostZoom, Math.max(1, before.zoom * factor));
      const by = zoom / before.zoom;
      return zoom === 1 ? fitted : { zoom, x: px - (px - before.x) * by, y: py - (py - before.y) * by };
    });
  };
  const drag = (event: PointerEvent) => {
    const from = grip.current;
    if (!from || event.buttons === 0) return;
    grip.current = { x: event.clientX, y: event.clientY };
    setView((before) => ({ ...before, x: before.x + event.clientX - from.x, y: before.y + event.clientY - from.y }));
  };
  return (
    <div
      role="application"
      aria-label="Picture that can be zoomed and moved"
      className="flex min-h-0 min-w-0 flex-1 touch-none items-center justify-center overflow-hidden"
      onWheel={(event: WheelEvent<HTMLDivElement>) => zoomAt(event, Math.exp(-event.deltaY * 0.0016))}
      onDoubleClick={(event) => (view.zoom > 1 ? setView(fitted) : zoomAt(event, 3))}
      onPointerDown={(event) => {
        grip.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        grip.current = undefined;
      }}
    >
      <img
        src={imageUrl(picture.digest)}
        alt="Result"
        draggable={false}
        width={picture.width}
        height={picture.height}
        className={`max-h-full max-w-full object-contain select-none ${view.zoom > 1 ? 'cursor-grab active:cursor-grabbing' : 'cursor-zoom-in'}`}
        style={{
          // Small pictures are shown larger than they are, but not beyond their place.
          width: `min(100%, ${Math.max(picture.width, 640)}px)`,
          height: 'auto',
          transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`,
          imageRendering: view.zoom > 4 ? 'pixelated' : 'auto',
        }}
      />
    </div>
  );
}
