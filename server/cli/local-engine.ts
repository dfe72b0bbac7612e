import { type MachineOptions, openMachine } from '../machine.ts';
import type { Engine } from './engine.ts';

/** A machine in this very process as an engine; disposing of the engine closes it. Rejects with FolderInUseError. */
export async function openLocalEngine(options: MachineOptions): Promise<Engine> {
  const machine = await openMachine(options);
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
