import type { Diffuser, ModelKind, ModelKinds } from './contracts.ts';
import { openDiffuser } from './diffusion/diffuser.ts';
import { ModelError } from './errors.ts';
import { faceDetectorFrom } from './face/detector.ts';
import { faceRestorerFrom, type RestorerNetwork } from './face/restorer.ts';
import type { KnownModel } from './library.ts';
import { floats, isPicture, type PictureTraits, pictureNetwork, typed } from './picture-network.ts';
import { openNetwork } from './recognise.ts';
import type { ProviderName, Session } from './session.ts';
import { upscalerFrom } from './upscale/upscaler.ts';

/** A model in memory. Its methods are its own properties, so that a copy of it works like the original. */
export interface Loaded<Model> {
  readonly model: Model;
  release(): Promise<void>;
}

export interface LoadOptions {
  readonly threads?: number | undefined;
  readonly provider?: ProviderName | undefined;
  readonly clipTokenizer: string;
}

type Load<Kind extends ModelKind> = (known: KnownModel, options: LoadOptions) => Promise<Loaded<ModelKinds[Kind]>>;

/** How each kind of model gets into memory. Rejects with `ModelError` when its files are damaged. */
export const loaders: { readonly [Kind in ModelKind]: Load<Kind> } = {
  async diffuser(known, { clipTokenizer, threads, provider }) {
    const diffuser = await openDiffuser(locationOf(known, 0), {
      info: known.info,
      clipTokenizer,
      ...(threads === undefined ? {} : { threads }),
      ...(provider === undefined ? {} : { provider }),
    });
    const release = async () => {
      await diffuser[Symbol.asyncDispose]();
    };
    return { model: unbound(diffuser), release };
  },
  async upscaler(known, { threads }) {
    const session = await openNetwork(locationOf(known, 0), threads);
    return held([session], () => upscalerFrom(known.info, pictureNetwork(session, traitsOf(known), known.info.id)));
  },
  async 'face-detector'(known, { threads }) {
    const boxes = await openNetwork(locationOf(known, 0), threads);
    const points = await openNetwork(locationOf(known, 1), threads);
    return held([boxes, points], () => faceDetectorFrom(known.info, { boxes, points }));
  },
  async 'face-restorer'(known, { threads }) {
    const session = await openNetwork(locationOf(known, 0), threads);
    return held([session], () => faceRestorerFrom(known.info, restorerNetwork(session, known)));
  },
};

/** The bundled clean-up takes any size and changes little; GFPGAN and CodeFormer draw new faces of one size. */
function restorerNetwork(session: Session, known: KnownModel): RestorerNetwork {
  const { id } = known.info;
  const network = pictureNetwork(session, traitsOf(known), id);
  const { fidelity: port } = known.network;
  const wholePictures = network.size === undefined;
  const picture = session.inputs.find(isPicture);
  const result = session.outputs.find(isPicture);
  return {
    ...network,
    wholePictures,
    fidelity: port !== undefined,
    mode: wholePictures ? 'delta' : 'replace',
    async runFace(face, fidelity) {
      if (!port || !picture || !result) return network.run(face);
      const weight = { dims: port.dims.map(() => 1), data: Float32Array.of(fidelity) };
      const results = await session.run({
        [picture.name]: typed(face, picture, id),
        [port.name]: typed(weight, port, id),
      });
      return floats(results[result.name], id);
    },
  };
}

function traitsOf({ info, network }: KnownModel): PictureTraits {
  if (network.traits) return network.traits;
  throw new ModelError(
    info.id,
    `Expected ${info.title} to be a network of pictures but nothing is known of its input.`,
  );
}

function locationOf({ info, locations }: KnownModel, index: number): string {
  const location = locations[index];
  if (location !== undefined) return location;
  throw new ModelError(info.id, `Expected ${index + 1} files for ${info.title} but there are ${locations.length}.`);
}

/** Releases the sessions should building the model fail. */
async function held<Model>(sessions: readonly Session[], build: () => Model): Promise<Loaded<Model>> {
  const release = async () => {
    await Promise.all(sessions.map((session) => session.release()));
  };
  try {
    return { model: build(), release };
  } catch (error) {
    await release();
    throw error;
  }
}

function unbound(diffuser: Diffuser): Diffuser {
  return {
    info: diffuser.info,
    downscale: diffuser.downscale,
    latentChannels: diffuser.latentChannels,
    encodeText: (text, options) => diffuser.encodeText(text, options),
    sample: (request, work) => diffuser.sample(request, work),
    decode: (latents, work) => diffuser.decode(latents, work),
    encodeImage: (pixels, work) => diffuser.encodeImage(pixels, work),
  };
}
