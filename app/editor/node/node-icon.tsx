import {
  Brush,
  Download,
  Eye,
  ImagePlus,
  type LucideIcon,
  Maximize2,
  PencilLine,
  ScanFace,
  SquareDashed,
} from 'lucide-react';

const icons: Readonly<Record<string, LucideIcon>> = {
  prompt: PencilLine,
  'load-image': ImagePlus,
  diffusion: Brush,
  upscale: Maximize2,
  'face-restore': ScanFace,
  preview: Eye,
  save: Download,
};

/** The sign of a node type. */
export function NodeIcon({ type, className = 'size-3.5' }: { type: string; className?: string }) {
  const Icon = icons[type] ?? SquareDashed;
  return <Icon aria-hidden="true" className={className} />;
}
