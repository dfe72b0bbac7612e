import type { ImageRef } from '../../../nodes/ports.ts';
import { imageUrl } from '../api.ts';
import { useViewer } from '../panels/viewer-store.ts';
import { useRun } from '../runs/run-store.ts';
import { classes } from '../ui/classes.ts';
import { sizeWords } from '../words.ts';

const none: readonly ImageRef[] = [];

/** What the node made last, or what it is making now. */
export function NodePicture({ id }: { id: string }) {
  const pictures = useRun((run) => run.pictures[id] ?? none);
  const preview = useRun(({ nodes }) => {
    const run = nodes[id];
    return run?.state === 'running' ? run.preview : undefined;
  });
  const running = useRun(({ nodes }) => nodes[id]?.state === 'running');
  if (preview !== undefined) {
    const [first] = pictures;
    return (
      <div
        className="overflow-hidden rounded-lg bg-field"
        style={{ aspectRatio: first ? first.width / first.height : undefined }}
      >
        <img
          src={imageUrl(preview)}
          alt="Preview of the picture in the making"
          className="size-full object-contain"
          draggable={false}
        />
      </div>
    );
  }
  if (pictures.length === 0) return null;
  const [only] = pictures;
  return (
    <div className={classes('grid gap-1', pictures.length > 1 && 'grid-cols-2', running && 'opacity-50')}>
      {pictures.map((picture) => (
        <button
          key={picture.digest}
          type="button"
          aria-label={`Picture, ${sizeWords(picture)}`}
          onClick={() => useViewer.getState().show(picture)}
          className="nodrag group/picture relative overflow-hidden rounded-lg bg-field"
          style={{ aspectRatio: picture.width / picture.height }}
        >
          <img
            src={imageUrl(picture.digest, 640)}
            alt="Result of the node"
            className="size-full object-contain"
            draggable={false}
          />
          {picture === only && (
            <span className="absolute right-1.5 bottom-1.5 rounded bg-black/60 px-1.5 py-0.5 text-[10px] text-white opacity-0 tabular-nums transition-opacity group-hover/picture:opacity-100">
              {sizeWords(picture)}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
