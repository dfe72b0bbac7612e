/** What is expected of a node before the run starts. */
export type Expectation = 'cached' | 'run' | 'unknown';

/** What a run says while it goes on. A host numbers the events; a watcher that comes back misses none. */
export type RunEvent =
  | { readonly type: 'run-start'; readonly nodes: number }
  | { readonly type: 'node-start'; readonly node: string }
  | {
      readonly type: 'node-progress';
      readonly node: string;
      /** 0 to 1 over all items of the node; never goes backwards. */
      readonly fraction: number;
      readonly step?: number;
      readonly of?: number;
      /** Digest of a small preview picture. */
      readonly preview?: string;
    }
  | {
      readonly type: 'node-end';
      readonly node: string;
      readonly outputs: Readonly<Record<string, unknown>>;
      /** True when nothing had to be computed or done. */
      readonly cached: boolean;
      readonly ms: number;
      /** What the person should know although the node succeeded. */
      readonly warnings?: readonly string[];
    }
  | { readonly type: 'node-skip'; readonly node: string; readonly reason: string }
  | { readonly type: 'node-fail'; readonly node: string; readonly message: string }
  | {
      readonly type: 'run-end';
      readonly outcome: 'done' | 'failed' | 'stopped';
      readonly ms: number;
      /** How many nodes were executed and how many came from the cache. */
      readonly ran: number;
      readonly cached: number;
      readonly message?: string;
    };
