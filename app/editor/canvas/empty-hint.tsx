import { useDocument } from '../document/document-store.ts';
import { Keys } from '../ui/button.tsx';

/** What to do first on an empty canvas. */
export function EmptyHint() {
  const empty = useDocument(({ history: { present } }) => Object.keys(present.nodes).length === 0);
  if (!empty) return null;
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center p-8 text-center text-ink-3">
      <p className="max-w-80 leading-6">
        Double-click the canvas or press <Keys>Tab</Keys> to add a node. Drop a picture to start from it, or to open the
        graph inside it.
      </p>
    </div>
  );
}
