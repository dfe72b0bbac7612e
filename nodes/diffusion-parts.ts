import type { Conditioning, Diffuser, Latents, Pixels, SamplerName, ScheduleName } from '../models/contracts.ts';
import type { NodeContext } from './define-node.ts';
import type { PromptValue } from './ports.ts';

export interface DiffusionSettings {
  readonly width: number;
  readonly height: number;
  readonly seed: bigint;
  readonly steps: number;
  readonly guidance: number;
  readonly sampler: SamplerName;
  readonly schedule: ScheduleName;
  readonly denoise: number;
  readonly batch: number;
  readonly clipSkip: number;
}

type Hooks = Pick<NodeContext, 'signal' | 'progress' | 'warn'>;

// Shares of the whole that a person sees: the steps are nearly all of the time.
const encodeShare = 0.03;
const decodeShare = 0.07;
const silent = () => undefined;

/**
 * Encode, sample and decode, one picture after the other. Picture k uses seed + k and its own noise, so that it can be
 * made again alone, to the last bit; a batched evaluation would differ in the last bits with the batch's size.
 */
export async function samplePictures(
  diffuser: Diffuser,
  settings: DiffusionSettings,
  prompt: PromptValue,
  start: Pixels | undefined,
  { signal, progress, warn }: Hooks,
): Promise<Pixels[]> {
  const quiet = { signal, progress: silent };
  const positive = await diffuser.encodeText(prompt.text, { ...quiet, clipSkip: settings.clipSkip });
  const negative = await diffuser.encodeText(prompt.negative, { ...quiet, clipSkip: settings.clipSkip });
  const latents = start ? await diffuser.encodeImage(start, quiet) : emptyLatents(diffuser, settings);
  progress(encodeShare);

  const pictures: Pixels[] = [];
  for (let index = 0; index < settings.batch; index++) {
    const done = (part: number) => encodeShare + ((1 - encodeShare) * (index + part)) / settings.batch;
    const sampled = await diffuser.sample(request(settings, index, positive, negative, latents), {
      ...quiet,
      onStep: (report) => progress(done((report.step / report.of) * (1 - decodeShare)), report),
    });
    const { pixels, uniform } = await diffuser.decode(sampled, quiet);
    if (uniform) warn(uniformWarning(index, settings.batch));
    pictures.push(pixels);
    progress(done(1));
  }
  return pictures;
}

function request(
  { steps, guidance, sampler, schedule, denoise, seed }: DiffusionSettings,
  index: number,
  positive: Conditioning,
  negative: Conditioning,
  latents: Latents,
) {
  const own = BigInt.asUintN(64, seed + BigInt(index));
  return { positive, negative, latents, seed: own, steps, guidance, sampler, schedule, denoise };
}

/** All zeros: the state that plain noise is added to. [1, channels, height/8, width/8] */
export function emptyLatents(
  { latentChannels, downscale }: Diffuser,
  size: { width: number; height: number },
): Latents {
  const dims = [1, latentChannels, size.height / downscale, size.width / downscale];
  return { dims, data: new Float32Array(dims.reduce((product, side) => product * side, 1)) };
}

function uniformWarning(index: number, batch: number): string {
  const which = batch === 1 ? 'The picture' : `Picture ${index + 1}`;
  return `${which} is one even colour. The guidance may be far too high, or the model and its settings do not fit.`;
}
