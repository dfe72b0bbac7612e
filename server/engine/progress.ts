import type { NodeContext, StepDetail } from '../../nodes/define-node.ts';
import type { RunEvent } from './events.ts';
import type { Machine } from './machine.ts';

type ProgressEvent = Extract<RunEvent, { type: 'node-progress' }>;

export interface ProgressSettings {
  readonly node: string;
  /** How often the node executes; each execution is an equal part of the whole. */
  readonly items: number;
  readonly emit: (event: ProgressEvent) => void;
  readonly now: () => number;
  readonly previews: Machine['previews'];
  /** Hears why a preview could not be made. The node goes on. */
  readonly failed: (error: unknown) => void;
}

/** The progress of one node. Disposing it ends it: nothing is said or written afterwards. */
export interface Progress extends AsyncDisposable {
  /** How the execution with this number reports. */
  of(item: number): NodeContext['progress'];
}

/** Ten events a second are as many as an eye can follow. */
const interval = 100;
/** A picture that changes four times a second looks alive; more would cost the device time. */
const previewInterval = 250;

/**
 * Turns reports into events: never backwards, at most ten a second and four more with previews, and the last report is
 * not lost. A preview is made only for an event that goes out.
 */
export function createProgress({ node, items, emit, now, previews, failed }: ProgressSettings): Progress {
  let latest: Omit<ProgressEvent, 'preview'> = { type: 'node-progress', node, fraction: 0 };
  let said = Number.NEGATIVE_INFINITY;
  let previewed = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let ended = false;

  function say(preview?: string): void {
    if (ended) return;
    said = now();
    emit(preview === undefined ? latest : { ...latest, preview });
  }

  async function sayWithPreview(make: NonNullable<StepDetail['preview']>): Promise<void> {
    let digest: string | undefined;
    try {
      digest = await previews?.write(make());
    } catch (error) {
      failed(error);
    }
    writing = undefined;
    previewed = now();
    say(digest);
  }

  function report(item: number, part: number, detail: StepDetail | undefined): void {
    if (ended || !Number.isFinite(part)) return;
    const fraction = Math.max(latest.fraction, (item + Math.min(1, Math.max(0, part))) / items);
    const steps = detail && { step: detail.step, of: detail.of };
    if (fraction === latest.fraction && !steps) return;
    latest = { type: 'node-progress', node, fraction, ...steps };
    if (writing) return;
    // Steps faster than the interval would otherwise always find a timer running, and no preview would ever be made.
    if (previews && detail?.preview && now() - previewed >= previewInterval) {
      clearTimeout(timer);
      timer = undefined;
      writing = sayWithPreview(detail.preview);
      return;
    }
    if (timer) return;
    const wait = interval - (now() - said);
    if (wait > 0) timer = setTimeout(sayLate, wait);
    else say();
  }

  // Without a preview: by now the state it would show may be half overwritten by the next step.
  function sayLate(): void {
    timer = undefined;
    say();
  }

  return {
    of: (item) => (part, detail) => report(item, part, detail),
    async [Symbol.asyncDispose]() {
      ended = true;
      clearTimeout(timer);
      await writing;
    },
  };
}
