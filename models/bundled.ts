import type { ModelKind } from './contracts.ts';
import { type Range, zeroToOne } from './planes.ts';

/** A network that ships with Aria: what a person reads, and what running it needs. */
export interface BundledModel {
  readonly id: string;
  readonly kind: ModelKind;
  readonly title: string;
  /** Below the folder of bundled models; a folder for a checkpoint. */
  readonly files: readonly string[];
  readonly licence: string;
  readonly summary: string;
  readonly traits?: { scale: number; multiple: number; overlap: number; range: Range };
}

const bsd = 'BSD-3-Clause, Copyright (c) 2021, Xintao Wang';
const mit = 'MIT, Copyright (c) Vladimir Mandic and Vincent Mühler';

// Overlaps were measured: with these, tiles give the same bytes as the whole picture.
const general = { multiple: 1, overlap: 8, range: zeroToOne };
const illustration = { multiple: 1, overlap: 18, range: zeroToOne };

/** Everything under `models/bundled`, in the order in which it is offered. */
export const bundledModels: readonly BundledModel[] = [
  {
    id: 'bundled/aria-portraits',
    kind: 'diffuser',
    title: 'Aria portraits',
    files: ['aria-portraits'],
    licence: 'MIT; trained on avataaars by Pablo Stanley, free for personal and commercial use',
    summary:
      'A very small model for illustrated portraits of 128 × 128 pixels, made to try everything without a download.',
  },
  {
    id: 'bundled/upscale-general-x2',
    kind: 'upscaler',
    title: 'General ×2',
    files: ['upscale-general-x2.onnx'],
    licence: 'MIT',
    summary: 'Enlarges photos twice, sharper than Lanczos and faithful: it invents no detail.',
    traits: { ...general, scale: 2 },
  },
  {
    id: 'bundled/upscale-general-x4',
    kind: 'upscaler',
    title: 'General ×4',
    files: ['upscale-general-x4.onnx'],
    licence: 'MIT',
    summary: 'Enlarges photos four times, sharper than Lanczos and faithful: it invents no detail.',
    traits: { ...general, scale: 4 },
  },
  {
    id: 'bundled/upscale-illustration-x2',
    kind: 'upscaler',
    title: 'Illustration ×2',
    files: ['upscale-illustration-x2.onnx'],
    licence: bsd,
    summary:
      'Enlarges drawings twice with crisp, clean lines (Real-ESRGAN animevideov3); photos turn slightly painterly.',
    traits: { ...illustration, scale: 2 },
  },
  {
    id: 'bundled/upscale-illustration-x4',
    kind: 'upscaler',
    title: 'Illustration ×4',
    files: ['upscale-illustration-x4.onnx'],
    licence: bsd,
    summary:
      'Enlarges drawings four times with crisp, clean lines (Real-ESRGAN animevideov3); photos turn slightly painterly.',
    traits: { ...illustration, scale: 4 },
  },
  {
    id: 'bundled/face-detector',
    kind: 'face-detector',
    title: 'Face detector',
    files: ['face-boxes.onnx', 'face-landmarks.onnx'],
    licence: mit,
    summary: 'Finds faces in photos with their eyes, nose and mouth. It does not see drawn faces.',
  },
  {
    id: 'bundled/face-clean-up',
    kind: 'face-restorer',
    title: 'Face clean-up',
    files: ['face-clean-up.onnx'],
    licence: 'MIT',
    summary:
      'A light clean-up of noise, blur and JPEG marks, not GFPGAN: it brings back no identity, teeth or skin. Strength 1 suits illustrations, 0.5 suits photos.',
    // Seams are not exact here: the network sees further than this, by less than one level.
    traits: { scale: 1, multiple: 16, overlap: 64, range: zeroToOne },
  },
];
