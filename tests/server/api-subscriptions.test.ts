import { setTimeout as wait } from 'node:timers/promises';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiResponse } from '../../server/api/api-response.ts';
import type { AppRouter } from '../../server/api/router.ts';
import { apiMachine } from '../support/api-machine.ts';
import { portrait } from '../support/graphs.ts';
import { httpServer } from '../support/http-server.ts';
import { end, quickly, type Script } from '../support/scripted-executor.ts';

/** Tells thirty steps, some milliseconds apart, and then ends. */
const slowly: Script = async ({ emit, graph }) => {
  if (graph.name === 'quick') return end(emit, 'done', 0);
  emit({ type: 'run-start', nodes: 1 });
  for (let step = 1; step <= 30; step += 1) {
    // Milestones, because steps of progress may be thrown together.
    emit({ type: 'node-start', node: `n${step}` });
    await wait(10);
  }
  return end(emit, 'done', 0);
};
const expected = ['run-start', ...Array.from({ length: 30 }, (_, at) => `n${at + 1}`), 'run-end'];

let held: Awaited<ReturnType<typeof apiMachine>>;
let server: Awaited<ReturnType<typeof httpServer>>;
beforeAll(async () => {
  held = await apiMachine((run) => (run.graph.name === 'three' ? quickly(run) : slowly(run)));
  server = await httpServer((request) => apiResponse(request, held.machine));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await held[Symbol.asyncDispose]();
});

function connect() {
  const url = `${server.address}/api/trpc`;
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource, transformer: superjson }),
        false: httpBatchLink({ url, transformer: superjson }),
      }),
    ],
  });
}
type Client = ReturnType<typeof connect>;
type Given = { readonly type: string; readonly node?: string };
const wordOf = (event: Given) => event.node ?? event.type;

/** Watches one run until its end; `seen` is called after each event. */
function watched(client: Client, run: string, seen: (count: number) => void = () => {}, lastEventId = 0) {
  return new Promise<string[]>((resolve, reject) => {
    const words: string[] = [];
    const subscription = client.runs.watch.subscribe(
      { run, lastEventId },
      {
        onData({ data }) {
          words.push(wordOf(data));
          seen(words.length);
          if (data.type !== 'run-end') return;
          subscription.unsubscribe();
          resolve(words);
        },
        onError: reject,
      },
    );
  });
}

describe('a run that is watched', () => {
  test('tells everything once, in order', async () => {
    const client = connect();
    const { id } = await client.runs.start.mutate({ graph: portrait() });
    expect(await watched(client, id)).toEqual(expected);
  });

  test('tells it again to who comes later, and the rest to who knows a part', async () => {
    const client = connect();
    const { id } = await client.runs.start.mutate({ graph: portrait() });
    await watched(client, id);
    expect(await watched(client, id)).toEqual(expected);
    expect(await watched(client, id, () => {}, 30)).toEqual(expected.slice(30));
  });

  test('loses and repeats nothing when the connection breaks', async () => {
    const client = connect();
    const { id } = await client.runs.start.mutate({ graph: portrait() });
    let breaks = 0;
    const words = await watched(client, id, (count) => {
      if (count % 7 !== 0 || breaks >= 3) return;
      breaks += 1;
      server.dropConnections();
    });
    expect(breaks).toBe(3);
    expect(words).toEqual(expected);
  });

  test('is told to be missing when it does not exist', async () => {
    await expect(watched(connect(), 'nobody')).rejects.toThrow(/does not exist/);
  });
});

/** Watches all runs until `enough` of them have ended. */
function watchedAll(client: Client, enough: number, lastEventId?: string, seen: (id: string) => void = () => {}) {
  const told = new Map<string, string[]>();
  return new Promise<Map<string, string[]>>((resolve, reject) => {
    let ended = 0;
    const subscription = client.runs.watchAll.subscribe(lastEventId === undefined ? {} : { lastEventId }, {
      onData({ id, data: { run, event } }) {
        told.set(run, [...(told.get(run) ?? []), wordOf(event)]);
        seen(id);
        if (event.type === 'run-end') ended += 1;
        if (ended < enough) return;
        subscription.unsubscribe();
        resolve(told);
      },
      onError: reject,
    });
  });
}

describe('all runs together', () => {
  test('tell everything of each, over one connection', async () => {
    const client = connect();
    const first = await client.runs.start.mutate({ graph: portrait() });
    const all = watchedAll(client, 3);
    const others = [
      await client.runs.start.mutate({ graph: portrait() }),
      await client.runs.start.mutate({ graph: portrait() }),
    ];
    const told = await all;
    for (const { id } of [first, ...others]) expect(told.get(id)).toEqual(expected);
    expect(told.size).toBe(3);
  });

  test('lose and repeat nothing when the connection breaks', async () => {
    const client = connect();
    let events = 0;
    let accepted = false;
    const all = watchedAll(client, 2, undefined, () => {
      events += 1;
      // A start whose answer is cut off may or may not have been accepted: only watching is tried here.
      if (accepted && events % 11 === 0) server.dropConnections();
    });
    const ids = [
      (await client.runs.start.mutate({ graph: portrait() })).id,
      (await client.runs.start.mutate({ graph: portrait() })).id,
    ];
    accepted = true;
    const told = await all;
    for (const id of ids) expect(told.get(id)).toEqual(expected);
  });

  test('tell what began and ended while nobody was connected', async () => {
    const client = connect();
    const before = await client.runs.start.mutate({ graph: portrait() });
    let cursor = '';
    const started = new Promise<void>((resolve) => {
      let events = 0;
      const subscription = client.runs.watchAll.subscribe(
        {},
        {
          onData({ id }) {
            events += 1;
            if (events !== 5) return;
            cursor = id;
            subscription.unsubscribe();
            resolve();
          },
        },
      );
    });
    await started;
    const during = await client.runs.start.mutate({ graph: portrait() });
    await watched(client, during.id);
    const told = await watchedAll(client, 2, cursor);
    expect(told.get(before.id)).toEqual(expected.slice(5));
    expect(told.get(during.id)).toEqual(expected);
  });

  test('leave history alone for who comes new', async () => {
    const client = connect();
    await watched(client, (await client.runs.start.mutate({ graph: portrait() })).id);
    const all = watchedAll(client, 1);
    await wait(200);
    const { id } = await client.runs.start.mutate({ graph: portrait() });
    expect([...(await all).keys()]).toEqual([id]);
  });
});
