import { Dices, Lock, LockOpen } from 'lucide-react';
import { useState } from 'react';
import { toggleSeedLock } from '../document/commands.ts';
import { perform, useGraphNode } from '../document/document-store.ts';
import { Hint } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { Row } from './row.tsx';
import { randomSeed } from './seeds.ts';
import { type ControlProps, useValue } from './use-value.ts';

/** A seed to type, a die that throws a new one, and a lock that keeps it when seeds change by themselves. */
export function SeedField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  const [draft, setDraft] = useState<string>();
  const locked = useGraphNode(node)?.seedLocked === true;
  const button = 'nodrag flex size-7 shrink-0 items-center justify-center rounded-md text-ink-3 hover:text-ink';
  const take = (text: string) => {
    setDraft(undefined);
    if (/^\d{1,20}$/.test(text.trim())) change(Number.isSafeInteger(Number(text)) ? Number(text) : text.trim());
  };
  return (
    <Row label={field.label}>
      <input
        aria-label={field.label}
        inputMode="numeric"
        value={draft ?? String(value)}
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={(event) => draft !== undefined && take(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && draft !== undefined && take(draft)}
        className="nodrag h-full w-full min-w-0 bg-transparent pr-1 text-right tabular-nums outline-none"
      />
      <Hint label="New random seed">
        <button type="button" aria-label="New random seed" onClick={() => change(randomSeed())} className={button}>
          <Dices className="size-3.5" />
        </button>
      </Hint>
      <Hint
        label={locked ? 'This seed stays. Click to let it change.' : 'Keep this seed when seeds change by themselves'}
      >
        <button
          type="button"
          aria-label="Lock seed"
          aria-pressed={locked}
          onClick={() => perform(toggleSeedLock(node))}
          className={classes(button, 'mr-0.5 -ml-1', locked && 'text-accent-text')}
        >
          {locked ? <Lock className="size-3.5" /> : <LockOpen className="size-3.5" />}
        </button>
      </Hint>
    </Row>
  );
}
