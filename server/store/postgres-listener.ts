import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

type Callback = (payload: string) => void;

/** NOTIFY from a PostgreSQL server, on one connection that is opened with the first use and mended when it breaks. */
export function createListener(url: string) {
  const callbacks = new Map<string, Set<Callback>>();
  const closing = new AbortController();
  let current: Promise<pg.Client> | undefined;

  /** A connection that listens to every channel known so far. */
  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, keepAlive: true });
    client.on('notification', ({ channel, payload }) => {
      for (const callback of callbacks.get(channel) ?? []) callback(payload ?? '');
    });
    let state: 'opening' | 'open' | 'broken' = 'opening';
    const breaks = () => {
      if (state === 'open' && !closing.signal.aborted) replace();
      state = 'broken';
    };
    // A connection that breaks says "error" and, some time later, "end"; one that is closed only the latter.
    client.on('error', breaks);
    client.on('end', breaks);
    try {
      await client.connect();
      for (const channel of callbacks.keys()) await listenOn(client, channel);
      state = 'open';
      return client;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  function replace(): void {
    current = mend();
    // Closing is the only way it fails; whoever waits for it is told.
    current.catch(() => undefined);
  }

  async function mend(): Promise<pg.Client> {
    for (let delay = 100; ; delay = Math.min(delay * 2, 5000)) {
      const client = await open().catch(() => undefined);
      if (client) {
        for (const each of callbacks.values()) for (const callback of each) callback('');
        return client;
      }
      await wait(delay, undefined, { signal: closing.signal });
    }
  }

  function connection(): Promise<pg.Client> {
    if (current) return current;
    const first = open();
    current = first;
    first.catch(() => {
      if (current === first) current = undefined;
    });
    return first;
  }

  return {
    async listen(channel: string, callback: Callback): Promise<() => Promise<void>> {
      const known = callbacks.get(channel) ?? new Set();
      callbacks.set(channel, known.add(callback));
      const attempt = connection();
      try {
        await listenOn(await attempt, channel);
      } catch (error) {
        if (!current || current === attempt) {
          known.delete(callback);
          throw error;
        }
        // Broken meanwhile: the connection that takes its place listens to this channel too.
        await current;
      }
      return async () => void known.delete(callback);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      const client = await current?.catch(() => undefined);
      await client?.end();
    },
  };
}

const listenOn = (client: pg.Client, channel: string) => client.query(`listen ${client.escapeIdentifier(channel)}`);
