import type { Graph } from '../../nodes/graph.ts';
import { titleOf } from '../../nodes/problems.ts';
import type { RunEvent } from '../engine/events.ts';

/** Where words go. `line` rewrites the last line of a terminal; it is absent where the output is a file or a pipe. */
export interface Output {
  readonly say: (text: string) => void;
  readonly line?: (text: string) => void;
}
export type Reporter = (event: RunEvent) => void;

/** Each event as one line of JSON, exactly as it is. */
export const jsonReporter =
  (say: (text: string) => void): Reporter =>
  (event) =>
    say(JSON.stringify(event));

/** Tells a person what happens: finished nodes one a line, and on a terminal a bar for the one that works. */
export function wordReporter(graph: Graph, { say, line }: Output): Reporter {
  const title = (id: string) => (graph.nodes[id] ? titleOf(graph.nodes[id]) : id);
  let nodes = 0;
  let finished = 0;
  const bar = (id: string, fraction: number, detail = '') =>
    line?.(`${drawnBar(nodes > 0 ? (finished + fraction) / nodes : 0)}  ${title(id)}${detail}`);
  const done = (id: string, words: string) => {
    finished += 1;
    line?.('');
    say(`${title(id)}: ${words}`);
  };
  return (event) => {
    switch (event.type) {
      case 'run-start':
        // A run that moves to a fresh process begins again.
        nodes = event.nodes;
        finished = 0;
        return;
      case 'node-start':
        if (line) return bar(event.node, 0);
        return say(`${title(event.node)}: working`);
      case 'node-progress':
        return bar(event.node, event.fraction, event.of ? `, step ${event.step ?? 0} of ${event.of}` : '');
      case 'node-end':
        done(event.node, event.cached ? 'unchanged, taken from the cache' : `done in ${seconds(event.ms)}`);
        for (const warning of event.warnings ?? []) say(`  note: ${warning}`);
        return;
      case 'node-skip':
        return done(event.node, `left out. ${event.reason}`);
      case 'node-fail':
        return done(event.node, `failed. ${event.message}`);
      case 'run-end':
        line?.('');
        return say(lastWords(event));
    }
  };
}

function lastWords({ outcome, ms, ran, cached, message }: Extract<RunEvent, { type: 'run-end' }>): string {
  if (outcome === 'failed') return `The run failed. ${message ?? ''}`.trimEnd();
  if (outcome === 'stopped') return 'The run was stopped.';
  return `Done in ${seconds(ms)}: ${counted(ran)} computed, ${cached} from the cache.`;
}

const counted = (count: number) => (count === 1 ? '1 node' : `${count} nodes`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

const width = 24;
function drawnBar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `[${'█'.repeat(full)}${'·'.repeat(width - full)}] ${String(Math.round(fraction * 100)).padStart(3)} %`;
}
