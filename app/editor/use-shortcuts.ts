import { useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';
import { useAdding } from './canvas/add-store.ts';
import { selectedNodes, useFlow } from './canvas/flow-store.ts';
import { useFit } from './canvas/use-fit.ts';
import { copiedText, duplicate, fragmentIn, fragmentOf, pasting } from './document/clipboard.ts';
import { remove, toggleBypassed, toggleCollapsed, toggleMuted } from './document/commands.ts';
import { currentGraph, perform, useDocument } from './document/document-store.ts';
import { openFile } from './document/open-file.ts';
import { saveNow } from './document/saving.ts';
import { startRun, stopRun } from './runs/start-run.ts';

interface Shortcut {
  /** As in "mod+shift+z"; `mod` is Ctrl, or Command on a Mac. */
  readonly keys: string;
  /** True for keys that work while a person types in a field. */
  readonly typing?: boolean;
  readonly perform: () => void;
}

/** Where the pointer was last, so that keys act there. */
const pointer = { x: 0, y: 0 };

/** Keys, copy, cut and paste for the whole page. */
export function useShortcuts(): void {
  const { screenToFlowPosition } = useReactFlow();
  const showAll = useFit();
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const search = () => useAdding.getState().open({ page: { ...pointer }, canvas: screenToFlowPosition(pointer) });
    const shortcuts: readonly Shortcut[] = [
      { keys: 'mod+enter', typing: true, perform: startRun },
      { keys: 'mod+s', typing: true, perform: saveNow },
      { keys: 'mod+.', typing: true, perform: stopRun },
      { keys: 'mod+z', perform: () => useDocument.getState().undo() },
      { keys: 'mod+shift+z', perform: () => useDocument.getState().redo() },
      { keys: 'mod+y', perform: () => useDocument.getState().redo() },
      { keys: 'mod+d', perform: () => useFlow.getState().select(duplicate(selectedNodes())) },
      { keys: 'mod+a', perform: () => useFlow.getState().select(Object.keys(currentGraph().nodes)) },
      { keys: 'm', perform: () => perform(toggleMuted(selectedNodes())) },
      { keys: 'b', perform: () => perform(toggleBypassed(selectedNodes())) },
      { keys: 'f', perform: () => perform(toggleCollapsed(selectedNodes())) },
      { keys: '1', perform: () => showAll(200) },
      { keys: 'tab', perform: search },
      { keys: ' ', perform: search },
    ];
    document.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => Object.assign(pointer, { x: clientX, y: clientY }),
      { signal },
    );
    document.addEventListener('keydown', (event) => press(event, shortcuts), { signal });
    document.addEventListener('copy', copy, { signal });
    document.addEventListener('cut', copy, { signal });
    document.addEventListener('paste', (event) => paste(event, screenToFlowPosition(pointer)), { signal });
    return () => leaving.abort();
  }, [screenToFlowPosition, showAll]);
}

function press(event: KeyboardEvent, shortcuts: readonly Shortcut[]): void {
  const name = [
    event.ctrlKey || event.metaKey ? 'mod' : '',
    event.shiftKey ? 'shift' : '',
    event.altKey ? 'alt' : '',
    event.key.toLowerCase(),
  ];
  const keys = name.filter((part) => part !== '').join('+');
  const shortcut = shortcuts.find((one) => one.keys === keys);
  if (!shortcut || (!shortcut.typing && !onCanvas(event))) return;
  event.preventDefault();
  shortcut.perform();
}

/** Keys without Ctrl belong to the canvas only while no control of the page has them. */
function onCanvas(event: Event): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return true;
  if (target === document.body) return true;
  const control = target.closest('input, textarea, select, button, a, [role="dialog"], [role="menu"], [cmdk-root]');
  return control === null && target.closest('.react-flow') !== null;
}

function copy(event: ClipboardEvent): void {
  const ids = selectedNodes();
  if (!onCanvas(event) || ids.length === 0) return;
  event.clipboardData?.setData('text/plain', copiedText(fragmentOf(currentGraph(), ids)));
  event.preventDefault();
  if (event.type === 'cut') perform(remove(ids, []));
}

function paste(event: ClipboardEvent, place: { x: number; y: number }): void {
  if (!onCanvas(event) || !event.clipboardData) return;
  const [file] = event.clipboardData.files;
  if (file) {
    event.preventDefault();
    openFile(file, place);
    return;
  }
  const fragment = fragmentIn(event.clipboardData.getData('text/plain'));
  if (!fragment) return;
  event.preventDefault();
  const corners = Object.values(fragment.nodes).map(({ layout }) => layout);
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  const { command, ids } = pasting(currentGraph(), fragment, { x: place.x - left, y: place.y - top });
  perform(command);
  useFlow.getState().select(ids);
}
