import { useReactFlow } from '@xyflow/react';
import { useCallback } from 'react';
import { viewOf } from './fit.ts';

/** Brings the whole graph into view, once what was just opened has been drawn. `duration` is in milliseconds. */
export function useFit(): (duration?: number) => void {
  const { getNodes, setViewport } = useReactFlow();
  return useCallback(
    (duration = 0) => {
      // Nodes are measured after they are drawn; a view of guessed sizes would be off.
      setTimeout(() => {
        const boxes = getNodes().map(({ position, measured, initialWidth = 0, initialHeight = 0 }) => ({
          ...position,
          width: measured?.width ?? initialWidth,
          height: measured?.height ?? initialHeight,
        }));
        setViewport(viewOf({ boxes, width: window.innerWidth, height: window.innerHeight }), { duration });
      }, 60);
    },
    [getNodes, setViewport],
  );
}
