import path from 'node:path';
import { type BundledModel, bundledModels } from './bundled.ts';
import type { ModelInfo } from './contracts.ts';
import { describeCheckpoint } from './diffusion/checkpoint.ts';
import { ModelError } from './errors.ts';
import { type ModelFiles, modelFilesAt, modelFilesIn } from './model-files.ts';
import { type Recognised, recogniseCheckpoint, recogniseNetwork, recognisePickle } from './recognise.ts';

/** A model that can be chosen: what is shown of it, and where it is. */
export interface KnownModel {
  readonly info: ModelInfo;
  /** The files to open, absolute, in the order that their loader expects. */
  readonly locations: readonly string[];
  /** The folder and the names below it whose bytes are the model's identity. */
  readonly folder: string;
  readonly files: readonly string[];
  /** Changes when the files do. */
  readonly stamp: string;
  readonly network: Pick<Recognised, 'traits' | 'fidelity'>;
}

export interface ModelFolders {
  readonly bundledFolder: string;
  /** The user's own; it need not exist. */
  readonly modelsFolder: string;
  /** Processor threads for trial runs. */
  readonly threads?: number | undefined;
}

/** Knows every model by its id. Files are looked at again only when their size or time changed. */
export class ModelLibrary {
  readonly #folders: ModelFolders;
  readonly #recognised = new Map<string, { stamp: string; result: Promise<Recognised> }>();

  constructor(folders: ModelFolders) {
    this.#folders = folders;
  }

  /** Bundled models first, then the user's by name; broken files are listed with the reason. */
  async list(): Promise<ModelInfo[]> {
    const own = await modelFilesIn(this.#folders.modelsFolder);
    const bundled = await Promise.all(bundledModels.map((model) => this.#bundled(model)));
    const known: ModelInfo[] = bundled.map(({ info }) => info);
    // One after the other: each trial run holds a network in memory.
    for (const files of own) known.push((await this.#own(files)).info);
    return known;
  }

  /** Rejects with `ModelError` where no model has this id; ids are compared with what was found, never joined to a path. */
  async find(id: string): Promise<KnownModel> {
    const bundled = bundledModels.find((model) => model.id === id);
    if (bundled) return this.#bundled(bundled);
    const own = (await modelFilesIn(this.#folders.modelsFolder)).find(({ name }) => name === id);
    if (own) return this.#own(own);
    throw new ModelError(
      id,
      `The model ${id} is not installed. Choose another model, or put its file into the models folder.`,
    );
  }

  async #bundled(model: BundledModel): Promise<KnownModel> {
    const { id, kind, title, licence, summary, traits } = model;
    const { bundledFolder } = this.#folders;
    const parts = await Promise.all(model.files.map((name) => present(bundledFolder, name, id)));
    const files = parts.flatMap((part) =>
      part.files.map((name) => path.join(path.relative(bundledFolder, part.folder), name)),
    );
    const checkpoint = kind === 'diffuser' ? await describeCheckpoint(parts[0]?.location ?? bundledFolder) : undefined;
    return {
      info: {
        id,
        kind,
        title,
        licence,
        summary,
        bundled: true,
        bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
        ...(kind === 'upscaler' && traits ? { scale: traits.scale } : {}),
        ...(checkpoint ? { family: checkpoint.family } : {}),
        ...(checkpoint?.prediction ? { prediction: checkpoint.prediction } : {}),
        ...(checkpoint?.nativeSize ? { nativeSize: checkpoint.nativeSize } : {}),
      },
      locations: parts.map(({ location }) => location),
      folder: bundledFolder,
      files,
      stamp: parts.map(({ stamp }) => stamp).join(' '),
      network: traits ? { traits } : {},
    };
  }

  async #own(model: ModelFiles): Promise<KnownModel> {
    const { traits, fidelity, ...known } = await this.#recognise(model);
    const title = path.posix.basename(model.name).replace(/\.(safetensors|onnx|ckpt|pth?)$/i, '');
    return {
      info: { id: model.name, title, bytes: model.bytes, bundled: false, ...known },
      locations: [model.location],
      folder: model.folder,
      files: model.files,
      stamp: model.stamp,
      network: { ...(traits ? { traits } : {}), ...(fidelity ? { fidelity } : {}) },
    };
  }

  #recognise({ location, form, stamp }: ModelFiles): Promise<Recognised> {
    const before = this.#recognised.get(location);
    if (before?.stamp === stamp) return before.result;
    const look = {
      folder: () => recogniseCheckpoint(location),
      safetensors: () => recogniseCheckpoint(location),
      onnx: () => recogniseNetwork(location, this.#folders.threads),
      pickle: () => recognisePickle(location),
    };
    const result = look[form]();
    this.#recognised.set(location, { stamp, result });
    return result;
  }
}

/** Everything that can be chosen under these folders; see `ModelLibrary.list`. */
export function listModels(folders: ModelFolders): Promise<ModelInfo[]> {
  return new ModelLibrary(folders).list();
}

async function present(folder: string, name: string, id: string): Promise<ModelFiles> {
  try {
    return await modelFilesAt(folder, name);
  } catch (cause) {
    throw new ModelError(id, `The bundled model ${id} is missing its file ${name}. Install Aria again.`, { cause });
  }
}
