import { Dices, Moon, Play, Redo2, Square, Sun, Undo2 } from 'lucide-react';
import { useTheme } from 'next-themes';
import { nameGraph } from '../document/commands.ts';
import { perform, useDocument } from '../document/document-store.ts';
import type { SeedPolicy } from '../fields/seeds.ts';
import { useRun, useRunning } from '../runs/run-store.ts';
import { startRun, stopRun } from '../runs/start-run.ts';
import { useSettings } from '../settings-store.ts';
import { Button, IconButton, Keys } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { Menu, MenuChoice, MenuTitle } from '../ui/menu.tsx';
import { GraphMenu } from './graph-menu.tsx';
import { ProblemMenu } from './problem-menu.tsx';
import { SaveState } from './save-state.tsx';

const bar =
  'pointer-events-auto flex h-11 items-center gap-0.5 rounded-xl border border-line bg-surface/95 p-1.5 shadow-card backdrop-blur';

/** Name and file on the left, undo and looks on the right, and the button that everything leads to. */
export function TopBar() {
  return (
    <div className="pointer-events-none absolute inset-x-2 top-2 z-10 flex items-start justify-between gap-2 sm:inset-x-3 sm:top-3">
      <div className={classes(bar, 'min-w-0 shrink')}>
        <GraphMenu />
        <GraphName />
        <SaveState />
      </div>
      <div className={classes(bar, 'shrink-0')}>
        <History />
        <ProblemMenu />
        <span className="mx-1 hidden h-5 w-px bg-line sm:block" />
        <ThemeSwitch />
        <SeedMenu />
        <RunButton />
      </div>
    </div>
  );
}

function GraphName() {
  const name = useDocument(({ history: { present } }) => present.name);
  return (
    <div className="grid min-w-0 max-w-64">
      <span
        aria-hidden="true"
        className="invisible col-start-1 row-start-1 h-8 overflow-hidden px-2 font-medium whitespace-pre"
      >
        {name || 'Untitled'}
      </span>
      <input
        aria-label="Name of the graph"
        value={name}
        placeholder="Untitled"
        onChange={(event) => perform(nameGraph(event.target.value))}
        onKeyDown={(event) => event.key === 'Enter' && !event.ctrlKey && event.currentTarget.blur()}
        className="col-start-1 row-start-1 h-8 w-full min-w-0 truncate rounded-lg bg-transparent px-2 font-medium outline-none placeholder:text-ink-3 hover:bg-field focus:bg-field"
      />
    </div>
  );
}

function History() {
  const back = useDocument(({ history: { past } }) => past.at(-1)?.label);
  const forth = useDocument(({ history: { future } }) => future[0]?.label);
  const { undo, redo } = useDocument.getState();
  return (
    <>
      <IconButton
        label={back ? `Undo ${lower(back)}` : 'Undo'}
        shortcut="Ctrl Z"
        aria-label="Undo"
        disabled={!back}
        onClick={undo}
      >
        <Undo2 className="size-4" />
      </IconButton>
      <IconButton
        label={forth ? `Redo ${lower(forth)}` : 'Redo'}
        shortcut="Ctrl Shift Z"
        aria-label="Redo"
        disabled={!forth}
        onClick={redo}
        className="max-sm:hidden"
      >
        <Redo2 className="size-4" />
      </IconButton>
    </>
  );
}

const lower = (words: string) => words.charAt(0).toLowerCase() + words.slice(1);

function ThemeSwitch() {
  const { resolvedTheme, setTheme } = useTheme();
  const dark = resolvedTheme === 'dark';
  return (
    <IconButton
      label={dark ? 'Light colours' : 'Dark colours'}
      onClick={() => setTheme(dark ? 'light' : 'dark')}
      className="max-sm:hidden"
    >
      {dark ? <Sun className="size-4" /> : <Moon className="size-4" />}
    </IconButton>
  );
}

const policies: readonly { value: SeedPolicy; label: string; detail: string }[] = [
  { value: 'keep', label: 'Keep seeds', detail: 'The same settings give the same picture' },
  { value: 'new', label: 'New seeds', detail: 'Every run starts from other random seeds' },
  { value: 'next', label: 'Next seeds', detail: 'Every run adds 1 to each seed' },
];

function SeedMenu() {
  const { seeds, setSeeds } = useSettings();
  return (
    <Menu
      align="end"
      trigger={
        <Button
          aria-label="Seeds"
          title="What happens to seeds when you run"
          className="gap-1.5 max-sm:w-8 max-sm:px-0"
        >
          <Dices className={classes('size-4', seeds !== 'keep' && 'text-accent-text')} />
          <span className="max-md:hidden">{policies.find(({ value }) => value === seeds)?.label}</span>
        </Button>
      }
    >
      <MenuTitle>When you run</MenuTitle>
      {policies.map((policy) => (
        <MenuChoice
          key={policy.value}
          checked={policy.value === seeds}
          detail={policy.detail}
          onSelect={() => setSeeds(policy.value)}
        >
          {policy.label}
        </MenuChoice>
      ))}
    </Menu>
  );
}

function RunButton() {
  const running = useRunning();
  const percent = useRun(({ fraction }) => Math.round(fraction * 100));
  if (running) {
    return (
      <Button look="danger" onClick={stopRun} className="relative ml-1 overflow-hidden px-3">
        <span
          className="absolute inset-y-0 left-0 bg-accent-soft transition-[width] duration-200"
          style={{ width: `${percent}%` }}
        />
        <Square className="relative size-3 fill-current" />
        <span className="relative">Stop</span>
      </Button>
    );
  }
  return (
    <Button look="filled" onClick={startRun} className="ml-1 px-3">
      <Play className="size-3.5 fill-current" />
      Run
      <span className="max-md:hidden">
        <Keys tone="filled">Ctrl ↵</Keys>
      </span>
    </Button>
  );
}
