import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

type Callback = (payload: string) => void;

/** NOTIFY from a PostgreSQL server, on one connection that is opened with the first use and mended when it breaks. */
export function createListener(url: string) {
  const callbacks = new Map<string, Set<Callback>>();
  const closing = new AbortController();
  let current: Promise<pg.Client> | undefined;

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on('notification', ({ channel, payload }) => {
      for (const callback of callbacks.get(channel) ?? []) callback(payload ?? '');
    });
    client.on('error', () => undefined);
    await client.connect();
    client.on('end', () => void mend());
    for (const channel of callbacks.keys()) await client.query(`listen ${client.escapeIdentifier(channel)}`);
    return client;
  }

  async function mend(): Promise<void> {
    for (let delay = 100; !closing.signal.aborted; delay = Math.min(delay * 2, 5000)) {
      current = open();
      const mended = await current.then(
        () => true,
        () => false,
      );
      if (mended) {
        for (const each of callbacks.values()) for (const callback of each) callback('');
        return;
      }
      await wait(delay, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  return {
    async listen(channel: string, callback: Callback): Promise<() => Promise<void>> {
      const known = callbacks.get(channel) ?? new Set();
      const isNew = known.size === 0;
      known.add(callback);
      callbacks.set(channel, known);
      // A new connection listens to all channels by itself.
      if (!current) current = open();
      else if (isNew) await (await current).query(`listen ${pg.escapeIdentifier(channel)}`);
      await current;
      return async () => void known.delete(callback);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      const client = await current?.catch(() => undefined);
      client?.removeAllListeners('end');
      await client?.end();
    },
  };
}
