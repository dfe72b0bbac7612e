import { diffusersGroup } from './diffusers.ts';
import { ldmKeysGroup } from './ldm-keys.ts';
import { moduleGroups } from './modules.ts';
import type { ParityGroup } from './parity-case.ts';
import { pictureGroup } from './picture.ts';
import { promptGroup } from './prompts.ts';
import { randnGroup } from './randn.ts';
import { samplerGroup, variantGroup } from './samplers.ts';
import { scheduleGroup } from './schedules.ts';
import { tokenizerGroup } from './tokenizer.ts';

/** Everything that is compared, in the order of the table. */
export const groups: readonly ParityGroup[] = [
  randnGroup,
  scheduleGroup,
  samplerGroup,
  variantGroup,
  diffusersGroup,
  tokenizerGroup,
  promptGroup,
  pictureGroup,
  ...moduleGroups,
  ldmKeysGroup,
];
