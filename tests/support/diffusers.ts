import { fileURLToPath } from 'node:url';
import type { ModelInfo, SampleRequest, Work } from '../../models/contracts.ts';
import { type DiffuserOptions, openDiffuser } from '../../models/diffusion/diffuser.ts';
import { golden } from './networks.ts';

/** The folder of the bundled text-to-image model, and of CLIP's vocabulary. */
export const bundled = {
  portraits: fileURLToPath(new URL('../../models/bundled/aria-portraits', import.meta.url)),
  clipTokenizer: fileURLToPath(new URL('../../models/bundled/clip-tokenizer', import.meta.url)),
};

const info: ModelInfo = { id: 'test', kind: 'diffuser', title: 'Test', bytes: 0, bundled: false };

/** Opens a checkpoint on one thread; the goldens' tiny one when no other is given. */
export function openTestDiffuser(location = golden('sd-tiny'), options: Partial<DiffuserOptions> = {}) {
  return openDiffuser(location, { info, clipTokenizer: bundled.clipTokenizer, threads: 1, ...options });
}

/** Work that nobody stops or watches. */
export function quietWork(): Work {
  return { signal: new AbortController().signal, progress: () => {} };
}

/** The request of the golden pictures, without its prompts. */
export const goldenRequest = {
  latents: { dims: [1, 4, 16, 16], data: new Float32Array(1024) },
  seed: 1284n,
  steps: 8,
  guidance: 5,
  sampler: 'euler',
  schedule: 'normal',
  denoise: 1,
} satisfies Omit<SampleRequest, 'positive' | 'negative'>;
