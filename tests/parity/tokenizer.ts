import * as z from 'zod';
import { loadTokenizer } from '../../models/diffusion/tokenizer.ts';
import { bundledTokenizer } from './bundled.ts';
import type { ParityGroup } from './parity-case.ts';

const fileSchema = z.object({ strings: z.array(z.object({ text: z.string(), ids: z.array(z.int()) })) });

/** Token ids of transformers' slow CLIPTokenizer without ftfy (the `ids` of each string, never a variant). */
export const tokenizerGroup: ParityGroup = {
  name: 'tokenizer',
  file: 'tokenizer.json',
  cases: async (goldens) => {
    const { strings } = await goldens.json('tokenizer.json', fileSchema);
    const measure = async () => {
      const { encode, bos, eos } = await loadTokenizer(bundledTokenizer);
      const wrong = strings.filter(({ text, ids }) => [bos, ...encode(text), eos].join() !== ids.join());
      if (wrong.length > 0)
        throw new Error(`Other ids for ${wrong.map(({ text }) => JSON.stringify(text)).join(', ')}`);
      return wrong.length;
    };
    return [{ name: `${strings.length} texts`, tolerance: 0, measure }];
  },
};
