import * as z from 'zod';
import { type ImageRef, imageRef } from '../../../nodes/ports.ts';
import type { RunEvent } from '../../../server/engine/events.ts';
import { duration } from '../words.ts';

/** What a node does in the run that is watched. */
export type NodeRun =
  | { readonly state: 'queued' }
  | {
      readonly state: 'running';
      readonly fraction: number;
      readonly step?: number | undefined;
      readonly of?: number | undefined;
      /** Digest of a small picture of the state so far. */
      readonly preview?: string | undefined;
    }
  | { readonly state: 'done'; readonly cached: boolean; readonly ms: number; readonly warnings: readonly string[] }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'skipped'; readonly reason: string };

export type Phase = 'idle' | 'starting' | 'running' | 'done' | 'failed' | 'stopped';

/** A run as the editor shows it. Pictures stay on their nodes until newer ones come. */
export interface RunState {
  readonly id: string | undefined;
  readonly phase: Phase;
  /** One sentence on how it goes or went. */
  readonly line: string;
  readonly nodes: Readonly<Record<string, NodeRun>>;
  readonly pictures: Readonly<Record<string, readonly ImageRef[]>>;
  /** How much of the whole is done, 0 to 1. */
  readonly fraction: number;
  /** Nodes that finished, of how many. */
  readonly finished: number;
  readonly planned: number;
}

/** Before anything ran. */
export const noRun: RunState = {
  id: undefined,
  phase: 'idle',
  line: '',
  nodes: {},
  pictures: {},
  fraction: 0,
  finished: 0,
  planned: 0,
};

/** A run that was asked for: the nodes that will take part wait. */
export const startedRun = (before: RunState, id: string | undefined, nodes: readonly string[]): RunState => ({
  ...before,
  id,
  phase: id === undefined ? 'starting' : 'running',
  line: 'Waiting to start',
  nodes: Object.fromEntries(nodes.map((node) => [node, { state: 'queued' }])),
  fraction: 0,
  finished: 0,
  planned: nodes.length,
});

/** What nodes made in a run that ended before, without the marks of a run that goes on. */
export function rememberedRun(before: RunState, id: string, nodes: Readonly<Record<string, Made>>): RunState {
  const made = Object.entries(nodes).map(([node, { outputs }]) => [node, picturesIn(outputs ?? {})] as const);
  return { ...before, id, pictures: Object.fromEntries(made.filter(([, pictures]) => pictures.length > 0)) };
}

interface Made {
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The state after one event. Events come in order and each once. */
export function afterEvent(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'run-start':
      // A run that begins again, because the process that worked on it died, begins with nothing done.
      return { ...startedRun(state, state.id, Object.keys(state.nodes)), line: 'Running', planned: event.nodes };
    case 'node-start':
      return withNode(state, event.node, { state: 'running', fraction: 0 });
    case 'node-progress':
      return withNode(state, event.node, progressed(state.nodes[event.node], event));
    case 'node-end': {
      const { cached, ms, warnings = [] } = event;
      const pictures = picturesIn(event.outputs);
      const next = withNode(state, event.node, { state: 'done', cached, ms, warnings });
      return pictures.length > 0 ? { ...next, pictures: { ...state.pictures, [event.node]: pictures } } : next;
    }
    case 'node-skip':
      return withNode(state, event.node, { state: 'skipped', reason: event.reason });
    case 'node-fail':
      return withNode(state, event.node, { state: 'failed', message: event.message });
    case 'run-end':
      return {
        ...state,
        phase: event.outcome,
        line: endLine(event),
        fraction: event.outcome === 'done' ? 1 : state.fraction,
        nodes: settled(state.nodes),
      };
  }
}

type Ended = Extract<RunEvent, { type: 'run-end' }>;
type Progress = Extract<RunEvent, { type: 'node-progress' }>;

/** "Done in 3.2 s, 2 of 5 cached", or why it ended otherwise. */
export function endLine({ outcome, ms, ran, cached, message }: Ended): string {
  const share = cached > 0 ? `, ${cached} of ${ran + cached} cached` : '';
  if (outcome === 'done') return `Done in ${duration(ms)}${share}`;
  if (outcome === 'stopped') return `Stopped after ${duration(ms)}`;
  return message ?? `Failed after ${duration(ms)}`;
}

function progressed(before: NodeRun | undefined, { fraction, step, of, preview }: Progress): NodeRun {
  const earlier = before?.state === 'running' ? before.preview : undefined;
  return { state: 'running', fraction, step, of, preview: preview ?? earlier };
}

function withNode(state: RunState, id: string, node: NodeRun): RunState {
  const nodes = { ...state.nodes, [id]: node };
  const all = Object.values(nodes);
  const finished = all.filter((other) => other.state === 'done').length;
  const going = all.reduce((sum, other) => sum + (other.state === 'running' ? other.fraction : 0), 0);
  const planned = Math.max(state.planned, finished);
  return { ...state, nodes, finished, fraction: planned === 0 ? 0 : Math.min(1, (finished + going) / planned) };
}

/** After the end nothing waits or goes on. */
function settled(nodes: RunState['nodes']): RunState['nodes'] {
  const ended = Object.entries(nodes).filter(([, { state }]) => state !== 'queued' && state !== 'running');
  return Object.fromEntries(ended);
}

const pictureList = z.union([imageRef.transform((one) => [one]), z.array(imageRef)]);

/** The pictures among the outputs of a node, each once. */
export function picturesIn(outputs: Readonly<Record<string, unknown>>): ImageRef[] {
  const found = Object.values(outputs).flatMap((value) => pictureList.safeParse(value).data ?? []);
  return [...new Map(found.map((picture) => [picture.digest, picture])).values()];
}
