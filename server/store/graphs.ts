import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { and, desc, eq, sql } from 'drizzle-orm';
import { graphRevisions, graphs } from '../../drizzle/schema.ts';
import { type Graph, readGraph } from '../../nodes/graph.ts';
import type { Database, Statements } from './database.ts';

/** Thrown when a graph was saved elsewhere meanwhile. `current` is the revision that is stored. */
export class RevisionConflictError extends Error {
  override readonly name = 'RevisionConflictError';
  readonly current: number;
  constructor(name: string, base: number, current: number) {
    super(
      `Expected revision ${base} of "${name}" but it was saved elsewhere meanwhile (revision ${current}); open that one, or save yours as a copy.`,
    );
    this.current = current;
  }
}

export interface GraphSummary {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly updatedAt: Date;
}
export interface SavedGraph extends GraphSummary {
  readonly graph: Graph;
}
export interface GraphRevision {
  readonly revision: number;
  readonly savedAt: Date;
}
export interface GraphToSave {
  /** A new one is made up when left out. */
  readonly id?: string;
  readonly graph: Graph;
  /** The revision the changes were made to; without it, whatever is stored becomes an older revision. */
  readonly baseRevision?: number;
}

/** Graphs that people keep, with every state in which they were saved. */
export interface Graphs {
  /** The one saved last comes first. */
  list(): Promise<GraphSummary[]>;
  /** The newest revision, or a given one; `updatedAt` is when that one was saved. */
  get(id: string, revision?: number): Promise<SavedGraph | undefined>;
  /** Rejects with RevisionConflictError. A document that is equal to the stored one stays that revision. */
  save(given: GraphToSave): Promise<{ id: string; revision: number }>;
  /** With all revisions. Runs that were started from it stay. */
  remove(id: string): Promise<void>;
  /** The newest first. */
  revisions(id: string): Promise<GraphRevision[]>;
}

/** The graphs of a database. */
export function createGraphs(database: Database): Graphs {
  const { orm } = database;
  return {
    list: () => orm.select().from(graphs).orderBy(desc(graphs.updatedAt), graphs.id),
    async get(id, revision) {
      const wanted =
        revision === undefined ? eq(graphRevisions.revision, graphs.revision) : eq(graphRevisions.revision, revision);
      const [found] = await orm
        .select()
        .from(graphRevisions)
        .innerJoin(graphs, eq(graphs.id, graphRevisions.graphId))
        .where(and(eq(graphRevisions.graphId, id), wanted));
      if (!found) return undefined;
      const { document, savedAt, revision: number } = found.graph_revisions;
      const graph = readGraph(document);
      return { id, name: graph.name, revision: number, updatedAt: savedAt, graph };
    },
    save: ({ id = randomUUID(), graph, baseRevision }) =>
      database.transaction((statements) => save(statements, id, graph, baseRevision)),
    async remove(id) {
      await orm.delete(graphs).where(eq(graphs.id, id));
    },
    revisions: (id) =>
      orm
        .select({ revision: graphRevisions.revision, savedAt: graphRevisions.savedAt })
        .from(graphRevisions)
        .where(eq(graphRevisions.graphId, id))
        .orderBy(desc(graphRevisions.revision)),
  };
}

async function save({ orm }: Statements, id: string, graph: Graph, base: number | undefined) {
  const document = JSON.stringify(graph);
  const name = nameFor(graph);
  // Revision 0 stands for "not saved yet": it makes the row that the next line locks, so that two first saves queue up.
  await orm.insert(graphs).values({ id, name, revision: 0 }).onConflictDoNothing();
  const [stored] = await orm.select().from(graphs).where(eq(graphs.id, id)).for('update');
  const current = stored?.revision ?? 0;
  if (base !== undefined && base !== current) throw new RevisionConflictError(name, base, current);
  if (await isStored({ orm }, id, current, document)) return { id, revision: current };
  const revision = current + 1;
  await orm.insert(graphRevisions).values({ graphId: id, revision, document });
  await orm.update(graphs).set({ name, revision, updatedAt: sql`now()` }).where(eq(graphs.id, id));
  return { id, revision };
}

async function isStored({ orm }: Pick<Statements, 'orm'>, id: string, revision: number, document: string) {
  const [stored] = await orm
    .select({ document: graphRevisions.document })
    .from(graphRevisions)
    .where(and(eq(graphRevisions.graphId, id), eq(graphRevisions.revision, revision)));
  // The order of keys has no meaning in JSON, and is not compared.
  return stored !== undefined && isDeepStrictEqual(JSON.parse(stored.document), JSON.parse(document));
}

/** PostgreSQL's text cannot hold the character U+0000; the document, where it is written as an escape, keeps it. */
export const nameFor = (graph: Graph): string => graph.name.replaceAll('\0', '');
