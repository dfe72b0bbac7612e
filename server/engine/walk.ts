import type { WiredNode, Wiring } from './wiring.ts';

export interface Walker {
  /** Brings a node to its end; never rejects for what goes wrong in the node. */
  readonly work: (node: WiredNode) => Promise<'ended' | 'failed' | 'stopped'>;
  readonly skip: (id: string, reason: string) => void;
}

/** Nodes begun between two looks at the outside world. */
const slice = 64;

/**
 * Works on every node as soon as its sources have ended. What depends on a failed node is skipped, everything else goes
 * on. After the signal nothing is started, and what has no end is skipped once all work has let go. O(N + E), and no
 * promise outlives its node. Resolves to whether the signal cut the walk short.
 */
export function walk(wiring: Wiring, signal: AbortSignal, { work, skip }: Walker): Promise<boolean> {
  const { nodes, readers } = wiring;
  const unsettled = new Set(nodes.keys());
  const missing = new Map<string, number>();
  const ready: WiredNode[] = [];
  for (const [id, node] of nodes) {
    const sources = new Set(node.wires.map((wire) => wire.source)).size;
    missing.set(id, sources);
    if (sources === 0) ready.push(node);
  }

  function release(id: string): void {
    for (const reader of readers.get(id) ?? []) {
      const left = (missing.get(reader) ?? 0) - 1;
      missing.set(reader, left);
      const node = nodes.get(reader);
      if (left === 0 && node) ready.push(node);
    }
  }

  function skipReaders(failed: WiredNode): void {
    const waiting = [failed.id];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      for (const reader of readers.get(id) ?? []) {
        if (!unsettled.delete(reader)) continue;
        skip(reader, `It needs ${failed.title}, which failed.`);
        waiting.push(reader);
      }
    }
  }

  return new Promise((resolve, reject) => {
    let active = 0;
    let next = 0;
    let begun = 0;

    // Cached nodes end without waiting for anything, so thousands would keep a stop from being heard.
    function beginSlice(): void {
      begun = 0;
      advance();
    }

    async function begin(node: WiredNode): Promise<void> {
      const end = await work(node);
      active -= 1;
      if (end !== 'stopped') unsettled.delete(node.id);
      if (end === 'ended') release(node.id);
      if (end === 'failed') skipReaders(node);
      advance();
    }

    function advance(): void {
      while (!signal.aborted && begun < slice) {
        const node = ready[next];
        if (!node) break;
        next += 1;
        begun += 1;
        active += 1;
        begin(node).catch(reject);
        if (begun === slice) setImmediate(beginSlice);
      }
      if (active > 0) return;
      if (next < ready.length && !signal.aborted) return; // the next slice begins with it
      for (const id of unsettled) skip(id, 'The run was stopped.');
      resolve(unsettled.size > 0);
      unsettled.clear(); // a slice that is still to begin finds nothing left to skip
    }
    advance();
  });
}
