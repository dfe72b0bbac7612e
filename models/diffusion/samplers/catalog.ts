import type { SamplerName } from '../../contracts.ts';
import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { deis } from './deis.ts';
import { dpm2 } from './dpm-2.ts';
import { dpm2Ancestral } from './dpm-2-ancestral.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { dpmpp2mSde } from './dpmpp-2m-sde.ts';
import { dpmpp2sAncestral } from './dpmpp-2s-ancestral.ts';
import { dpmpp3mSde } from './dpmpp-3m-sde.ts';
import { dpmppSde } from './dpmpp-sde.ts';
import { euler } from './euler.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { heun } from './heun.ts';
import { heunpp2 } from './heunpp2.ts';
import { ipndm } from './ipndm.ts';
import { ipndmV } from './ipndm-v.ts';
import { lcm } from './lcm.ts';
import { lms } from './lms.ts';
import { resMultistep } from './res-multistep.ts';
import type { SamplerDefinition } from './sampler.ts';
import { uniPc } from './uni-pc.ts';

/** Every sampler by ComfyUI's name for it. */
export const samplers: Readonly<Record<SamplerName, SamplerDefinition>> = {
  euler: { run: euler, noise: 'none' },
  euler_ancestral: { run: eulerAncestral, noise: 'normal' },
  heun: { run: heun, noise: 'none' },
  heunpp2: { run: heunpp2, noise: 'none' },
  dpm_2: { run: dpm2, noise: 'none', discardsPenultimate: true },
  dpm_2_ancestral: { run: dpm2Ancestral, noise: 'normal', discardsPenultimate: true },
  lms: { run: lms, noise: 'none' },
  dpmpp_2s_ancestral: { run: dpmpp2sAncestral, noise: 'normal' },
  dpmpp_sde: { run: dpmppSde, noise: 'brownian' },
  dpmpp_2m: { run: dpmpp2m, noise: 'none' },
  dpmpp_2m_sde: { run: dpmpp2mSde('midpoint'), noise: 'brownian' },
  dpmpp_2m_sde_heun: { run: dpmpp2mSde('heun'), noise: 'brownian' },
  dpmpp_3m_sde: { run: dpmpp3mSde, noise: 'brownian' },
  ddpm: { run: ddpm, noise: 'normal' },
  lcm: { run: lcm, noise: 'normal' },
  ddim: { run: ddim, noise: 'none' },
  uni_pc: { run: uniPc('bh1'), noise: 'none', discardsPenultimate: true },
  uni_pc_bh2: { run: uniPc('bh2'), noise: 'none', discardsPenultimate: true },
  deis: { run: deis, noise: 'none' },
  ipndm: { run: ipndm, noise: 'none' },
  ipndm_v: { run: ipndmV, noise: 'none' },
  res_multistep: { run: resMultistep, noise: 'none' },
};
