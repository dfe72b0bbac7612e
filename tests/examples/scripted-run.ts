import { readFile, writeFile } from 'node:fs/promises';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import { readGraph } from '../../nodes/graph.ts';
import type { AppRouter } from '../../server/api/router.ts';

const address = process.env.ARIA_URL ?? 'http://localhost:3000';
const url = `${address}/api/trpc`;
const api = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url, EventSource, transformer: superjson }),
      false: httpBatchLink({ url, transformer: superjson }),
    }),
  ],
});

// Every step is typed: the compiler knows the graph, the inputs, the events and the outputs.
const graph = readGraph(await readFile('nodes/templates/portrait.json', 'utf8'));
const { id } = await api.runs.start.mutate({
  graph,
  inputs: { 'prompt.text': 'a man with a beard, green background' },
});

const file = await new Promise<string>((resolve, reject) => {
  let saved = '';
  api.runs.watch.subscribe(
    { run: id },
    {
      onData({ data: event }) {
        if (event.type === 'node-progress') console.log(`${event.node}: ${Math.round(event.fraction * 100)} %`);
        if (event.type === 'node-end' && event.node === 'save') saved = String(event.outputs.file);
        if (event.type === 'run-end') event.outcome === 'done' ? resolve(saved) : reject(new Error(event.message));
      },
      onError: reject,
    },
  );
});

const picture = await fetch(`${address}/gallery/${file}`);
await writeFile(process.argv[2] ?? 'portrait.png', await picture.bytes());
console.log(`The gallery has it as ${file}.`);
