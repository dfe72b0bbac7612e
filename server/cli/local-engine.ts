import type { Machine } from '../machine.ts';
import type { Engine } from './engine.ts';

/** The machine of this very process as an engine; disposing of the engine closes it. */
export function localEngine(machine: Machine): Engine {
  return {
    models: machine.models,
    upload: (bytes) => machine.images.accept(bytes, new AbortController().signal),
    start: async (graph, seeds) => (await machine.runs.start({ graph, seeds })).id,
    async *follow(run, signal) {
      for await (const { event } of machine.runs.follow(run, 0, signal)) yield event;
    },
    stop: (run) => machine.runs.stop(run),
    saved: (file) => machine.gallery.read(file),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}
