import * as z from 'zod';
import { ImageError, ModelError, NonFiniteError } from '../../models/errors.ts';
import type { Problem } from '../../nodes/problems.ts';
import { ContentError } from '../store/content.ts';
import { asDiskFull, DiskFullError } from '../store/disk-full.ts';
import { GalleryError } from '../store/gallery.ts';

/** Thrown before a run or plan starts when the graph has errors; holds all problems, warnings too. */
export class InvalidGraphError extends Error {
  override readonly name = 'InvalidGraphError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error');
    super(errors.map((problem) => problem.message).join('\n'));
    this.problems = problems;
  }
}

/** A node that failed, with what it threw as `cause`. The message is fit for the person who drew the graph. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly node: string;
  constructor(node: string, title: string, cause: unknown) {
    super(messageFor(title, cause), { cause });
    this.node = node;
  }
}

// These are whole sentences that say what failed, for whom and what to do.
const spoken = [ModelError, NonFiniteError, ImageError, ContentError, DiskFullError, GalleryError];

function messageFor(title: string, cause: unknown): string {
  const reason = asDiskFull(cause, 0, 'a result');
  if (reason instanceof Error && spoken.some((kind) => reason instanceof kind)) return reason.message;
  return `${title} failed: ${reasonOf(reason)}`;
}

/** Why something failed, without paths and stacks. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    return cause.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': ')).join('; ');
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  return withoutPaths(text.replace(/\n\s+at [\s\S]*$/, '')) || 'no reason was given.';
}

/** Absolute paths become the name of the file: where things lie on this machine is nobody else's business. */
function withoutPaths(text: string): string {
  return text
    .replace(/(['"`])(?:\/|[A-Za-z]:\\|file:\/\/)[^'"`]*[\\/]([^'"`\\/]*)\1/g, '$1$2$1')
    .replace(/(^|[\s(=:,[])(?:file:\/\/)?(?:\/|[A-Za-z]:\\)(?:[^\s'"`\\/:]+[\\/])+([^\s'"`\\/:)]*)/g, '$1$2');
}
