import type { ImageRef } from '../../../nodes/ports.ts';
import { imageUrl, previewUrl } from '../api.ts';
import { useChecks } from '../document/checks-store.ts';
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
  // The frame has its shape before the first preview has come, so that nothing jumps.
  const ratio = useChecks(({ sizes }) => {
    const size = Object.values(sizes.get(id) ?? {})[0];
    return size ? size.width / size.height : 1;
  });
  const [first] = pictures;
  if (preview !== undefined) {
    return (
      <div className="overflow-hidden rounded-lg bg-field" style={{ aspectRatio: ratio }}>
        <img
          src={previewUrl(preview)}
          alt="Preview of the step"
          className="size-full object-contain"
          draggable={false}
        />
      </div>
    );
  }
  if (!first) return null;
  return (
    <div
      className={classes(
        'grid gap-1 transition-opacity',
        pictures.length > 1 && 'grid-cols-2',
        running && 'opacity-50',
      )}
    >
      {pictures.map((picture) => (
        <PictureButton key={picture.digest} picture={picture} />
      ))}
    </div>
  );
}

function PictureButton({ picture }: { picture: ImageRef }) {
  const run = useRun(({ id }) => id);
  return (
    <button
      type="button"
      aria-label={`Look at the result, ${sizeWords(picture)}`}
      onClick={() => useViewer.getState().show(picture, run)}
      className="nodrag group/picture relative overflow-hidden rounded-lg bg-field"
      style={{ aspectRatio: picture.width / picture.height }}
    >
      <img
        src={imageUrl(picture.digest, 512)}
        alt="Result of the node"
        className="size-full object-contain"
        draggable={false}
      />
      <span className="absolute right-1.5 bottom-1.5 rounded bg-black/60 px-1.5 py-0.5 text-[10px] text-white tabular-nums opacity-0 transition-opacity group-hover/picture:opacity-100">
        {sizeWords(picture)}
      </span>
    </button>
  );
}
