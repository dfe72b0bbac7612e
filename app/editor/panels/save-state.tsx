import { toast } from 'sonner';
import { keepAsCopy, reloadTheirs } from '../document/graphs.ts';
import { useSaving } from '../document/saving.ts';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { sentenceOf } from '../words.ts';

const words = {
  saved: 'Saved',
  changed: 'Editing',
  saving: 'Saving',
  offline: 'Kept in this browser',
  conflict: 'Changed elsewhere',
};

/** Whether the graph is safe, in one word. */
export function SaveState() {
  const saving = useSaving((store) => store.saving);
  return (
    <span
      role="status"
      title={
        saving.state === 'offline'
          ? 'The server cannot be reached. Your changes are safe here and are saved when it is back.'
          : undefined
      }
      className={classes(
        'px-2 text-xs whitespace-nowrap max-sm:sr-only',
        saving.state === 'offline' || saving.state === 'conflict' ? 'text-warn' : 'text-ink-3',
      )}
    >
      {words[saving.state]}
    </span>
  );
}

/** The choice when somebody else saved the graph too. */
export function ConflictBar() {
  const saving = useSaving((store) => store.saving);
  if (saving.state !== 'conflict') return null;
  const { graphId } = saving;
  const reload = () => reloadTheirs(graphId).catch((error: unknown) => toast.error(sentenceOf(error)));
  return (
    <div
      role="alert"
      className="absolute inset-x-3 top-17 z-20 mx-auto flex max-w-xl flex-wrap items-center gap-2 rounded-xl border border-line-strong bg-raised p-2 pl-3.5 shadow-float"
    >
      <span className="min-w-52 flex-1">This graph was changed in another tab or by someone else.</span>
      <Button look="outline" onClick={reload}>
        Reload theirs
      </Button>
      <Button look="filled" onClick={keepAsCopy}>
        Keep mine as a copy
      </Button>
    </div>
  );
}
