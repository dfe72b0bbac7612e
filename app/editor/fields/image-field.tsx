import { ImageUp } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { imageRef } from '../../../nodes/ports.ts';
import { imageUrl, upload } from '../api.ts';
import { classes } from '../ui/classes.ts';
import { sentenceOf, sizeWords } from '../words.ts';
import { type ControlProps, useValue } from './use-value.ts';

/** A place to drop a picture, or to choose a file. */
export function ImageField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  const [state, setState] = useState<'idle' | 'over' | 'busy'>('idle');
  const chosen = imageRef.safeParse(value).data;
  const take = async (file: File | undefined) => {
    setState('idle');
    if (!file) return;
    setState('busy');
    try {
      change(await upload(file));
    } catch (error) {
      toast.error(sentenceOf(error));
    } finally {
      setState('idle');
    }
  };
  return (
    <label
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setState('over');
      }}
      onDragLeave={() => setState('idle')}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        take(event.dataTransfer.files[0]);
      }}
      className={classes(
        'nodrag relative flex min-h-28 cursor-pointer flex-col items-center justify-center gap-1 overflow-hidden rounded-md border border-dashed border-line-strong bg-field text-ink-3 focus-within:ring-2 focus-within:ring-accent hover:bg-field-hover hover:text-ink-2',
        state === 'over' && 'border-accent bg-accent-soft text-ink',
        chosen && 'border-solid border-line',
      )}
    >
      <input
        type="file"
        accept="image/*"
        aria-label={field.label}
        className="sr-only"
        onChange={(event) => {
          take(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      {chosen ? (
        <>
          <img
            src={imageUrl(chosen.digest, 512)}
            alt={field.label}
            className="max-h-64 w-full object-contain"
            draggable={false}
          />
          <span className="absolute right-1.5 bottom-1.5 rounded bg-black/60 px-1.5 py-0.5 text-[11px] text-white tabular-nums">
            {sizeWords(chosen)}
          </span>
        </>
      ) : (
        <>
          <ImageUp className="size-5" />
          <span>{state === 'busy' ? 'Uploading' : 'Drop a picture or choose one'}</span>
        </>
      )}
    </label>
  );
}
