import type { Checkpoint } from './checkpoint.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

/** A checkpoint's own tokenizer, or for single files, which bring none, CLIP's from the folder `clip`. */
export async function loadCheckpointTokenizer(
  { tokenizer, family }: Pick<Checkpoint, 'tokenizer' | 'family'>,
  clip: string,
): Promise<Tokenizer> {
  if (tokenizer) return loadTokenizer(tokenizer);
  const shared = await loadTokenizer(clip);
  // OpenCLIP, the text encoder of 2.x, was trained with zeros after the end of the text.
  return family === 'sd2' ? { ...shared, pad: 0 } : shared;
}
