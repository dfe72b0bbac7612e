import { boolean, index, integer, pgTable, primaryKey, serial, text, timestamp } from 'drizzle-orm/pg-core';

// Milliseconds, because that is what a Date holds: a moment read and compared again must still be equal.
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

// Documents are text and not jsonb, which reorders keys and refuses the character U+0000.

/** Saved graphs; the documents are in their revisions. */
export const graphs = pgTable(
  'graphs',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** The newest one. */
    revision: integer('revision').notNull(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [index('graphs_by_time').on(table.updatedAt)],
);

/** Every state in which a graph was saved. */
export const graphRevisions = pgTable(
  'graph_revisions',
  {
    graphId: text('graph_id')
      .notNull()
      .references(() => graphs.id, { onDelete: 'cascade' }),
    revision: integer('revision').notNull(),
    document: text('document').notNull(),
    savedAt: moment('saved_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.graphId, table.revision] })],
);

/** What was asked for, and how far it came. Rows outlive the graphs they were started from. */
export const runs = pgTable(
  'runs',
  {
    id: text('id').primaryKey(),
    /** In the order of acceptance. */
    number: serial('number').notNull().unique(),
    name: text('name').notNull(),
    graphId: text('graph_id'),
    graphRevision: integer('graph_revision'),
    /** The document as it runs, with inputs and seeds written in. */
    graph: text('graph').notNull(),
    /** JSON: a list of node ids, or null for the graph's own outputs. */
    targets: text('targets').notNull(),
    /** JSON: each seed as digits by `node.param`. */
    seeds: text('seeds').notNull(),
    priority: text('priority', { enum: ['interactive', 'batch'] }).notNull(),
    state: text('state', { enum: ['queued', 'running', 'done', 'failed', 'stopped'] }).notNull(),
    attempt: integer('attempt').notNull().default(1),
    idempotencyKey: text('idempotency_key').unique(),
    /** The worker host that has the run, while it is running, and when it last said so. */
    worker: text('worker'),
    leaseAt: moment('lease_at'),
    stopRequested: boolean('stop_requested').notNull().default(false),
    createdAt: moment('created_at').notNull().defaultNow(),
    startedAt: moment('started_at'),
    endedAt: moment('ended_at'),
    error: text('error'),
  },
  (table) => [index('runs_by_state').on(table.state, table.number), index('runs_by_graph').on(table.graphId)],
);

/** What happened in each run, numbered from 1 without gaps. */
export const events = pgTable(
  'events',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    seq: integer('seq').notNull(),
    type: text('type').notNull(),
    /** JSON: the event. */
    body: text('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.seq] })],
);

/** The pictures that runs kept in the gallery, one row for each file. */
export const images = pgTable(
  'images',
  {
    number: serial('number').primaryKey(),
    /** Below the gallery's folder. */
    file: text('file').notNull().unique(),
    digest: text('digest').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    runId: text('run_id').notNull(),
    node: text('node').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [index('images_by_run').on(table.runId), index('images_by_digest').on(table.digest)],
);
