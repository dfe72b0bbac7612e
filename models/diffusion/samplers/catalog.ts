import type { SamplerName } from '../../contracts.ts';
import { ddim } from './ddim.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { dpmpp2mSde } from './dpmpp-2m-sde.ts';
import { euler } from './euler.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { heun } from './heun.ts';
import { lcm } from './lcm.ts';
import type { SamplerDefinition } from './sampler.ts';

/** Every sampler by ComfyUI's name for it. */
export const samplers: Readonly<Record<SamplerName, SamplerDefinition>> = {
  euler: { run: euler, noise: 'none' },
  euler_ancestral: { run: eulerAncestral, noise: 'normal' },
  heun: { run: heun, noise: 'none' },
  dpmpp_2m: { run: dpmpp2m, noise: 'none' },
  dpmpp_2m_sde: { run: dpmpp2mSde('midpoint'), noise: 'brownian' },
  ddim: { run: ddim, noise: 'none' },
  lcm: { run: lcm, noise: 'normal' },
};
