import { readFile } from 'node:fs/promises';
import type { SafetensorsHeader } from '../../weights/safetensors.ts';

/**
 * What the denoiser of a single file predicts. The first of these that speaks decides:
 * 1. a YAML file of the same name beside it with `parameterization: "v"` (Stability's configs, as A1111 reads them);
 * 2. the notes of the file (Stability's ModelSpec: `modelspec.prediction_type`, or one of its two names for 2.x in `modelspec.architecture`);
 * 3. an empty tensor named `v_pred`, the mark that trainers leave;
 * 4. Stable Diffusion 1.x predicts noise.
 * Nothing else tells the two kinds of Stable Diffusion 2.x apart, so for them it stays undefined.
 */
export async function predictionOf(
  file: string,
  header: SafetensorsHeader,
  family: 'sd1' | 'sd2',
): Promise<'epsilon' | 'v' | undefined> {
  const config = await configBeside(file);
  if (config !== undefined) return /parameterization:\s*["']?v\b/.test(config) ? 'v' : 'epsilon';
  const noted = fromNotes(header.metadata);
  if (noted) return noted;
  if (header.tensors.has('v_pred')) return 'v';
  return family === 'sd1' ? 'epsilon' : undefined;
}

async function configBeside(file: string): Promise<string | undefined> {
  try {
    return await readFile(file.replace(/\.[^./\\]+$/, '.yaml'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function fromNotes(notes: Readonly<Record<string, string>>): 'epsilon' | 'v' | undefined {
  const stated = notes['modelspec.prediction_type'];
  if (stated === 'v' || stated === 'v_prediction') return 'v';
  if (stated === 'epsilon') return 'epsilon';
  const architecture = notes['modelspec.architecture'];
  if (architecture === 'stable-diffusion-v2-768-v') return 'v';
  return architecture === 'stable-diffusion-v2-512' ? 'epsilon' : undefined;
}
