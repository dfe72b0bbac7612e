import { and, asc, eq, gt, ne, sql } from 'drizzle-orm';
import { events } from '../../drizzle/schema.ts';
import type { RunEvent } from '../engine/events.ts';
import { runEvent } from '../executor/protocol.ts';
import type { Statements } from './database.ts';

/** An event with its place among the events of its run, counted from 1. */
export interface NumberedEvent {
  readonly seq: number;
  readonly event: RunEvent;
}

/** On this channel the id of a run is sent when its events or its state have changed. */
export const eventChannel = 'run_events';

/** Adds events to a run. The caller's transaction holds the run's row, so that no two writers take one number. */
export async function appendEvents({ orm }: Statements, runId: string, added: readonly RunEvent[]): Promise<void> {
  if (added.length > 0) {
    const [last] = await orm
      .select({ seq: sql<number>`coalesce(max(seq), 0)::int` })
      .from(events)
      .where(eq(events.runId, runId));
    const first = (last?.seq ?? 0) + 1;
    await orm
      .insert(events)
      .values(added.map((event, at) => ({ runId, seq: first + at, type: event.type, body: textOf(event) })));
  }
  await orm.execute(sql`select pg_notify(${eventChannel}, ${runId})`);
}

/** The events of a run after a number, at most `limit` of them. */
export async function eventsAfter(
  { orm }: Pick<Statements, 'orm'>,
  runId: string,
  after: number,
  limit = 500,
): Promise<NumberedEvent[]> {
  const rows = await orm
    .select()
    .from(events)
    .where(and(eq(events.runId, runId), gt(events.seq, after)))
    .orderBy(asc(events.seq))
    .limit(limit);
  return rows.map(({ seq, body }) => ({ seq, event: runEvent.parse(JSON.parse(body)) }));
}

/** All events of a run but the steps in between, in order. */
export async function milestonesOf({ orm }: Pick<Statements, 'orm'>, runId: string): Promise<RunEvent[]> {
  const rows = await orm
    .select({ body: events.body })
    .from(events)
    .where(and(eq(events.runId, runId), ne(events.type, 'node-progress')))
    .orderBy(asc(events.seq));
  return rows.map(({ body }) => runEvent.parse(JSON.parse(body)));
}

/** Whole numbers beyond 2⁵³ are digits in JSON, here as in documents. */
const textOf = (event: RunEvent) =>
  JSON.stringify(event, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
