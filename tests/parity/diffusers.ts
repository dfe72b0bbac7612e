import * as z from 'zod';
import type { ParityGroup } from './parity-case.ts';

const fileSchema = z.object({ cases: z.record(z.string(), z.object({ class_: z.string() })) });

/** The schedulers of diffusers. Aria follows ComfyUI's conventions, so none of them is built. */
export const diffusersGroup: ParityGroup = {
  name: 'diffusers',
  file: 'diffusers.json',
  cases: async (goldens) => {
    const { cases } = await goldens.json('diffusers.json', fileSchema);
    return Object.entries(cases).map(([name, { class_ }]) => ({ name: `${name} (${class_})`, tolerance: 1e-3 }));
  },
};
