import * as z from 'zod';
import { ldmAutoencoderName, ldmUnetNames } from '../../models/diffusion/layouts/ldm-names.ts';
import type { ParityGroup } from './parity-case.ts';

const shape = z.array(z.int());
const rowSchema = z.tuple([z.string(), shape, z.enum(['unet', 'vae', 'text_encoder']), z.string(), shape]);
const layersPerBlock = 2;
const levels = 4;

/** Names a single file may have for a tensor that diffusers calls `name`, in full. */
const namesOf = {
  unet: (name: string) => ldmUnetNames(name, layersPerBlock).map((ldm) => `model.diffusion_model.${ldm}`),
  vae: (name: string) => [`first_stage_model.${ldmAutoencoderName(name, levels)}`],
  text_encoder: (name: string) => [
    `cond_stage_model.transformer.${name.replace(/^text_model\./, '')}`,
    `cond_stage_model.transformer.${name}`,
  ],
};

/** All tensors of Stable Diffusion 1.5 under their names in single files. */
export const ldmKeysGroup: ParityGroup = {
  name: 'ldm keys',
  file: 'ldm_keys_sd15.json',
  cases: async (goldens) => {
    const { cases } = await goldens.json('ldm_keys_sd15.json', z.object({ cases: z.array(rowSchema) }));
    return (['unet', 'vae', 'text_encoder'] as const).map((component) => {
      const rows = cases.filter((row) => row[2] === component);
      const measure = async () => {
        const wrong = rows.filter(([ldm, , , name]) => !namesOf[component](name).includes(ldm));
        if (wrong.length > 0)
          throw new Error(
            `Other names for ${wrong
              .map((row) => row[3])
              .slice(0, 5)
              .join(', ')}`,
          );
        return wrong.length;
      };
      return { name: `${component}, ${rows.length} tensors`, tolerance: 0, measure };
    });
  },
};
