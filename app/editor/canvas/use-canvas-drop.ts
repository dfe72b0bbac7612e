import { useReactFlow } from '@xyflow/react';
import { type DragEvent, useCallback } from 'react';
import { definitionOf } from '../../../nodes/catalog.ts';
import { openFile } from '../document/open-file.ts';
import { addAt } from './add-at.ts';
import { useFit } from './use-fit.ts';

/** The kind of data that the palette drags. */
export const nodeTypeData = 'application/x-aria-node';

/** Node types from the palette and files from anywhere can be dropped on the canvas. */
export function useCanvasDrop() {
  const { screenToFlowPosition } = useReactFlow();
  const showAll = useFit();
  const onDragOver = useCallback((event: DragEvent) => {
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  }, []);
  const onDrop = useCallback(
    (event: DragEvent) => {
      event.preventDefault();
      const place = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const definition = definitionOf(event.dataTransfer.getData(nodeTypeData));
      if (definition) addAt(definition, { x: place.x - 140, y: place.y - 20 });
      else
        for (const file of event.dataTransfer.files)
          openFile(file, place).then((opened) => opened === 'graph' && showAll());
    },
    [screenToFlowPosition, showAll],
  );
  return { onDragOver, onDrop };
}
