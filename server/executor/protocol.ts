import * as z from 'zod';
import type { ModelInfo } from '../../models/contracts.ts';
import { graphSchema } from '../../nodes/graph.ts';
import type { Problem } from '../../nodes/problems.ts';
import type { RunEvent } from '../engine/events.ts';
import type { PlannedNode } from '../engine/plan.ts';
import type { RunOutcome } from '../engine/run.ts';

/** How a child is set up; travels as its one argument. Threads are processor threads for one network. */
export const executorSettings = z.object({
  dataFolder: z.string(),
  threads: z.int().positive().optional(),
  device: z.string().optional(),
});
export type ExecutorSettings = z.output<typeof executorSettings>;

const work = { graph: graphSchema, targets: z.array(z.string()).optional() };

/** What the executor can be asked. `call` numbers the request; its events and its answer carry the same number. */
export const toExecutor = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), call: z.int(), ...work }),
  z.object({ type: z.literal('plan'), call: z.int(), ...work }),
  z.object({ type: z.literal('models'), call: z.int() }),
  z.object({ type: z.literal('health'), call: z.int() }),
  /** Asks the run with this number to stop; it answers as a stopped run. */
  z.object({ type: z.literal('stop'), call: z.int() }),
]);
export type ToExecutor = z.output<typeof toExecutor>;
export type Request = Exclude<ToExecutor, { type: 'stop' }>;

const outcome = {
  outcome: z.enum(['done', 'failed', 'stopped']),
  ms: z.number(),
  ran: z.int(),
  cached: z.int(),
  message: z.string().exactOptional(),
};
const fraction = z.number().min(0).max(1);
/** One event, as it travels and as it is kept. */
export const runEvent: z.ZodType<RunEvent> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run-start'), nodes: z.int() }),
  z.object({ type: z.literal('node-start'), node: z.string() }),
  z.object({
    type: z.literal('node-progress'),
    node: z.string(),
    fraction,
    step: z.int().exactOptional(),
    of: z.int().exactOptional(),
    preview: z.string().exactOptional(),
  }),
  z.object({
    type: z.literal('node-end'),
    node: z.string(),
    outputs: z.record(z.string(), z.unknown()),
    cached: z.boolean(),
    ms: z.number(),
    warnings: z.array(z.string()).exactOptional(),
  }),
  z.object({ type: z.literal('node-skip'), node: z.string(), reason: z.string() }),
  z.object({ type: z.literal('node-fail'), node: z.string(), message: z.string() }),
  z.object({ type: z.literal('run-end'), ...outcome }),
]);

// Written by our own code of the same version: only the outline of what has no schema is checked.
const isObject = (value: unknown) => typeof value === 'object' && value !== null;

/** What the executor says. */
export const fromExecutor = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('event'), call: z.int(), event: runEvent }),
  z.object({ type: z.literal('answer'), call: z.int(), value: z.unknown() }),
  z.object({
    type: z.literal('refusal'),
    call: z.int(),
    /** The class of the error, and a message without paths. */
    kind: z.string(),
    message: z.string(),
    /** The error with its stack, for logs only. */
    trace: z.string(),
    problems: z.array(z.custom<Problem>(isObject)).exactOptional(),
  }),
]);
export type FromExecutor = z.output<typeof fromExecutor>;

/** The answer to `models`. */
export const modelList = z.array(z.custom<ModelInfo>(isObject));

/** The answer to `health`. */
export const health = z.object({
  pid: z.int(),
  /** Resident memory of the process in bytes. */
  memory: z.int(),
  /** Runs in flight. */
  runs: z.int(),
});
export type Health = z.output<typeof health>;

/** The answer to `run`. */
export const runOutcome: z.ZodType<RunOutcome> = z.object(outcome);

/** The answer to `plan`. */
export const plannedNodes: z.ZodType<PlannedNode[]> = z.array(
  z.object({
    node: z.string(),
    expectation: z.enum(['cached', 'run', 'unknown']),
    ms: z.number().exactOptional(),
  }),
);
