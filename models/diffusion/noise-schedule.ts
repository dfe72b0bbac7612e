/** How a network was trained to see noise, as checkpoints and diffusers' `scheduler_config.json` state it. */
export interface NoiseTraining {
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly betaSchedule: 'scaled_linear' | 'linear';
  readonly trainTimesteps: number;
  /** True when the last training step was pure noise (Lin et al. 2023, "Common Diffusion Noise Schedules…"). */
  readonly zeroTerminalSnr?: boolean;
}

/**
 * The noise levels σ of a network, one for each training timestep, in float32 as ComfyUI keeps them
 * (comfy/model_sampling.py, ModelSamplingDiscrete): σ = √((1 − ᾱ) / ᾱ).
 */
export class NoiseSchedule {
  /** Ascending. */
  readonly sigmas: Float32Array;
  private readonly logSigmas: Float32Array;

  constructor(training: NoiseTraining) {
    const cumulative = cumulativeAlphas(training);
    const precise = (training.zeroTerminalSnr ? withZeroTerminal(cumulative) : cumulative).map((alpha) =>
      Math.sqrt((1 - alpha) / alpha),
    );
    this.sigmas = Float32Array.from(precise);
    this.logSigmas = Float32Array.from(precise, Math.log);
  }

  get timesteps(): number {
    return this.sigmas.length;
  }

  get smallest(): number {
    return this.sigmas[0] ?? 0;
  }

  get largest(): number {
    return this.sigmas[this.timesteps - 1] ?? 0;
  }

  /** The training timestep whose level is nearest in the logarithm; the lower one of two that are equally near. */
  timestepOf(sigma: number): number {
    const target = Math.fround(Math.log(sigma));
    let nearest = 0;
    let smallest = Number.POSITIVE_INFINITY;
    for (const [timestep, logarithm] of this.logSigmas.entries()) {
      const distance = Math.abs(Math.fround(target - logarithm));
      if (distance >= smallest) continue;
      smallest = distance;
      nearest = timestep;
    }
    return nearest;
  }

  /** The level of a timestep that may lie between two training steps, interpolated in the logarithm. */
  sigmaAt(timestep: number): number {
    const position = Math.min(Math.max(timestep, 0), this.timesteps - 1);
    const weight = Math.fround(position - Math.floor(position));
    const low = Math.fround(Math.fround(1 - weight) * (this.logSigmas[Math.floor(position)] ?? 0));
    const high = Math.fround(weight * (this.logSigmas[Math.ceil(position)] ?? 0));
    return Math.fround(Math.exp(Math.fround(low + high)));
  }

  /** The level below which a share `fraction` of the way from noise to picture is done (ComfyUI's percent_to_sigma). */
  sigmaAtFraction(fraction: number): number {
    return this.sigmaAt((1 - fraction) * (this.timesteps - 1));
  }
}

function cumulativeAlphas({ betaStart, betaEnd, betaSchedule, trainTimesteps }: NoiseTraining): Float64Array {
  const root = betaSchedule === 'scaled_linear';
  const [start, end] = root ? [Math.sqrt(betaStart), Math.sqrt(betaEnd)] : [betaStart, betaEnd];
  let product = 1;
  return Float64Array.from({ length: trainTimesteps }, (_, index) => {
    const position = start + ((end - start) * index) / Math.max(trainTimesteps - 1, 1);
    product *= 1 - (root ? position * position : position);
    return product;
  });
}

/** √ᾱ shifted so that its last value is 0 and stretched so that its first stays (comfy/model_sampling.py). */
function withZeroTerminal(cumulative: Float64Array): Float64Array {
  const first = Math.sqrt(cumulative[0] ?? 1);
  const last = Math.sqrt(cumulative[cumulative.length - 1] ?? 0);
  const shifted = cumulative.map((alpha) => (((Math.sqrt(alpha) - last) * first) / (first - last)) ** 2);
  // ComfyUI's stand-in for 0, with which σ stays finite: about 4519.
  shifted[shifted.length - 1] = 4.8973451890853435e-8;
  return shifted;
}
