import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

type Callback = (payload: string) => void;

/** NOTIFY from a PostgreSQL server, on one connection that is opened with the first use and mended when it breaks. */
export function createListener(url: string) {
  const callbacks = new Map<string, Set<Callback>>();
  const closing = new AbortController();
  let current: Promise<pg.Client> | undefined;
  // The client of `current` once it listens; the first to see it break has it replaced.
  let inUse: pg.Client | undefined;

  /** A connection that listens to every channel known so far. */
  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, keepAlive: true });
    client.on('notification', ({ channel, payload }) => {
      for (const callback of callbacks.get(channel) ?? []) callback(payload ?? '');
    });
    let broken = false;
    const breaks = () => {
      broken = true;
      replace(client);
    };
    // A connection that breaks says "error" and, some time later, "end"; one that is closed only the latter.
    client.on('error', breaks);
    client.on('end', breaks);
    try {
      await client.connect();
      for (const channel of callbacks.keys()) await listenOn(client, channel);
      if (broken) throw new Error('The connection broke while it was opened.');
      inUse = client;
      return client;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  function replace(client: pg.Client): void {
    if (inUse !== client || closing.signal.aborted) return;
    inUse = undefined;
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
      try {
        const client = await connection();
        // It fails only when the connection is broken, which may be known here before the connection says so.
        await listenOn(client, channel).catch(() => replace(client));
        // The one in its place listens to every channel, this one too.
        await current;
      } catch (error) {
        known.delete(callback);
        throw error;
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
