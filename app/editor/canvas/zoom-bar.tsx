import { useReactFlow, useStore } from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import { IconButton } from '../ui/button.tsx';
import { useFit } from './use-fit.ts';

/** How near the canvas is, and the ways to change that. */
export function ZoomBar() {
  const percent = useStore(({ transform }) => Math.round(transform[2] * 100));
  const { zoomIn, zoomOut, zoomTo } = useReactFlow();
  const showAll = useFit();
  return (
    <div className="pointer-events-auto ml-auto flex h-9 shrink-0 items-center rounded-xl border border-line bg-surface/95 p-0.5 shadow-card backdrop-blur max-sm:hidden">
      <IconButton label="Zoom out" onClick={() => zoomOut({ duration: 120 })}>
        <Minus className="size-3.5" />
      </IconButton>
      <button
        type="button"
        title="Zoom to 100 %"
        onClick={() => zoomTo(1, { duration: 150 })}
        className="h-8 w-11 rounded-lg text-xs text-ink-2 tabular-nums hover:bg-field"
      >
        {percent} %
      </button>
      <IconButton label="Zoom in" onClick={() => zoomIn({ duration: 120 })}>
        <Plus className="size-3.5" />
      </IconButton>
      <IconButton label="Show everything" shortcut="1" onClick={() => showAll(200)}>
        <Maximize className="size-3.5" />
      </IconButton>
    </div>
  );
}
