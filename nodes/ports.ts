import * as z from 'zod';

/** What may travel along an edge. An edge is legal when what leaves one end is accepted at the other. */
export const portKinds = ['image', 'prompt', 'text', 'number', 'integer', 'boolean'] as const;
export type PortKind = (typeof portKinds)[number];

export interface PortInfo {
  readonly kind: PortKind;
  readonly label: string;
  /** True when the port carries a list; a list that meets a single port maps the node over its items. */
  readonly list?: boolean;
}
export const ports = z.registry<PortInfo>();

/** Pixels never travel: an edge carries the address of an image in the content store. */
export const imageRef = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'Expected the SHA-256 of a stored image.'),
  width: z.int().positive(),
  height: z.int().positive(),
});
export type ImageRef = z.output<typeof imageRef>;

const promptValue = z.object({ text: z.string(), negative: z.string() });
/** What a picture should show, and what it should not. */
export type PromptValue = z.output<typeof promptValue>;

export const image = (label: string) => imageRef.clone().register(ports, { kind: 'image', label });
export const images = (label: string) => z.array(imageRef).register(ports, { kind: 'image', label, list: true });
export const prompt = (label: string) => promptValue.clone().register(ports, { kind: 'prompt', label });
export const text = (label: string) => z.string().register(ports, { kind: 'text', label });

/** An image port that may stay unconnected. */
export const optionalImage = (label: string) => imageRef.optional().register(ports, { kind: 'image', label });

/** Whether a value of one kind can be used where another is expected. Whole numbers are numbers; nothing else converts. */
export const accepts = (expected: PortKind, given: PortKind) =>
  expected === given || (expected === 'number' && given === 'integer');
