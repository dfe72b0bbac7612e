import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import { imageRef } from '../../nodes/ports.ts';
import type { AppRouter } from '../api/router.ts';
import type { RunEvent } from '../engine/events.ts';
import { createPassage } from '../passage.ts';
import { InputError } from '../runs/inputs.ts';
import type { Engine } from './engine.ts';

/** The engine of a running server, reached over HTTP. */
export function remoteEngine(address: string): Engine {
  const url = new URL('/api/trpc', address).href;
  const api = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource, transformer: superjson }),
        false: httpBatchLink({ url, transformer: superjson }),
      }),
    ],
  });
  return {
    models: () => api.models.list.query(),
    async upload(bytes) {
      const answer = await fetch(new URL('/uploads', address), { method: 'POST', body: bytes });
      if (!answer.ok) throw new InputError(await answer.text());
      return imageRef.parse(await answer.json());
    },
    start: async (graph, seeds) => (await api.runs.start.mutate({ graph, seeds })).id,
    async *follow(run, signal) {
      const passage = createPassage<RunEvent>(signal);
      const subscription = api.runs.watch.subscribe(
        { run },
        { onData: ({ data }) => passage.push(data), onError: passage.fail, onComplete: passage.close },
      );
      try {
        yield* passage.read();
      } finally {
        subscription.unsubscribe();
      }
    },
    async stop(run) {
      await api.runs.stop.mutate({ run });
    },
    async saved(file) {
      const answer = await fetch(new URL(`/gallery/${file.split('/').map(encodeURIComponent).join('/')}`, address));
      if (!answer.ok) throw new Error(await answer.text());
      return new Uint8Array(await answer.arrayBuffer());
    },
    async [Symbol.asyncDispose]() {},
  };
}
