import { fileURLToPath } from 'node:url';

/** The folder of CLIP's own vocabulary. */
export const bundledTokenizer = fileURLToPath(new URL('../../models/bundled/clip-tokenizer', import.meta.url));

/** The goldens that come with the project. */
export const ownGoldens = fileURLToPath(new URL('../goldens', import.meta.url));
