import type { ModelInfo } from '../../models/contracts.ts';
import { dataFolderAt } from '../../server/data-folder.ts';
import { openMachine } from '../../server/machine.ts';
import { prepareDatabase, projectRoot, temporaryFolder } from './databases.ts';
import { type Script, scriptedExecutor } from './scripted-executor.ts';

/** The models that a fake executor knows. */
export const fakeModels: readonly ModelInfo[] = [
  { id: 'bundled/aria-portraits', kind: 'diffuser', title: 'Portraits', bytes: 1, bundled: true },
  { id: 'bundled/upscale-illustration-x4', kind: 'upscaler', title: 'Upscale', bytes: 1, bundled: true, scale: 4 },
  { id: 'bundled/face-clean-up', kind: 'face-restorer', title: 'Clean-up', bytes: 1, bundled: true },
];

/** A real machine on a folder of its own, whose executor plays a script. */
export async function apiMachine(script: Script) {
  const folder = await temporaryFolder('aria-api-');
  await prepareDatabase(folder.root);
  let asked = 0;
  const machine = await openMachine({
    folder: dataFolderAt(folder.root),
    projectRoot,
    executor: {
      run: scriptedExecutor(script).run,
      plan: async (graph) => Object.keys(graph.nodes).map((node) => ({ node, expectation: 'run' })),
      async models() {
        asked += 1;
        return [...fakeModels];
      },
      async [Symbol.asyncDispose]() {},
    },
  });
  return {
    machine,
    root: folder.root,
    timesModelsWereAsked: () => asked,
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
