import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { createModelPool } from '../../models/pool.ts';
import { providerNames } from '../../models/session.ts';
import { catalog as everyNode } from '../../nodes/catalog.ts';
import type { Catalog } from '../../nodes/define-node.ts';
import type { Graph } from '../../nodes/graph.ts';
import { dataFolderAt } from '../data-folder.ts';
import { createActionCache } from '../engine/action-cache.ts';
import { createLanes } from '../engine/lanes.ts';
import type { Machine } from '../engine/machine.ts';
import { plan } from '../engine/plan.ts';
import { runGraph } from '../engine/run.ts';
import { createContentStore } from '../store/content.ts';
import { createGallery } from '../store/gallery.ts';
import { createImages, defaultPictureLimits } from '../store/images.ts';
import { createPreviews } from '../store/previews.ts';
import { galleryOfRun } from './kept-picture.ts';
import type { ExecutorSettings } from './protocol.ts';
import type { ExecutorWork } from './serve.ts';

const bundledFolder = fileURLToPath(new URL('../../models/bundled', import.meta.url));
const resultBudget = 20e9;

/** Joins engine, models and stores in this process. Removes first what an interrupted process left behind. */
export async function openWorkshop(settings: ExecutorSettings, catalog: Catalog = everyNode): Promise<ExecutorWork> {
  const folder = dataFolderAt(settings.dataFolder);
  const models = createModelPool({
    bundledFolder,
    modelsFolder: folder.models,
    digestsFile: folder.digests,
    memoryBudget: memoryBudget(),
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
    ...(settings.device === undefined ? {} : { provider: providerOf(settings.device) }),
  });
  const content = createContentStore(folder.content);
  const images = createImages(content);
  const gallery = createGallery(folder.gallery);
  const previews = createPreviews(folder.previews);
  const cache = createActionCache({ folder: folder.cache, content, budget: resultBudget });
  // One network at a time: ONNX Runtime computes on the thread of this process anyway.
  const lanes = createLanes({ gpu: 1, cpu: os.availableParallelism(), io: 4 });

  const machineFor = (graph: Graph): Machine => ({
    catalog,
    models,
    images,
    gallery: galleryOfRun(graph, { gallery, content, images, models }),
    cache,
    lanes,
    facts: async () => ({ models: await models.list(), maxPixels: defaultPictureLimits.pixels }),
    resident: (id) => models.resident(id),
    previews,
  });

  await Promise.all([content.sweep(), gallery.sweep(), previews.sweep()]);
  return {
    async run(graph, targets, { signal, emit }) {
      const outcome = await runGraph({ graph, targets, machine: machineFor(graph), signal, emit });
      await Promise.all([previews.sweep(), cache.evict()]);
      return outcome;
    },
    plan: (graph, targets) => plan({ graph, targets, machine: machineFor(graph) }),
    models: () => models.list(),
  };
}

/** Half of the memory that this process may use, in bytes: the rest is for computing and for everybody else. */
function memoryBudget(): number {
  const allowed = process.constrainedMemory();
  return Math.min(allowed || Number.POSITIVE_INFINITY, os.totalmem()) / 2;
}

function providerOf(device: string) {
  const provider = providerNames.find((name) => name === device);
  if (!provider)
    throw new RangeError(`Expected one of ${providerNames.join(', ')} for the device but received ${device}.`);
  return provider;
}
