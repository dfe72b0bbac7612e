import * as z from 'zod';
import { defineNode } from './define-node.ts';
import { fields } from './fields.ts';
import { prompt as promptPort } from './ports.ts';

const longestPrompt = 100_000;
const words = (preset: string) =>
  z.string().max(longestPrompt, `Expected at most ${longestPrompt} characters.`).default(preset);

/** Words that describe the picture, and words for what it should not show. */
export const prompt = defineNode({
  type: 'prompt',
  version: 1,
  title: 'Prompt',
  help: 'Describe the picture in your own words. (word) or (word:1.3) makes a word count more. The negative text says what to keep out.',
  category: 'source',
  aliases: ['text', 'positive', 'negative', 'words', 'clip text encode'],
  lane: 'cpu',
  purity: 'pure',
  params: {
    text: words('').register(fields, { label: 'Prompt', control: 'textarea', hint: 'What the picture should show.' }),
    negative: words('').register(fields, {
      label: 'Negative prompt',
      control: 'textarea',
      hint: 'What the picture should not show. May stay empty.',
    }),
  },
  inputs: {},
  outputs: { prompt: promptPort('Prompt') },
  execute: async ({ params }) => ({ prompt: { text: params.text, negative: params.negative } }),
});
