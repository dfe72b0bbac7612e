import * as z from 'zod';
import { textEncoderConfigSchema } from '../../models/diffusion/configs.ts';
import { chunksOf, encodePrompt } from '../../models/diffusion/prompt.ts';
import { segmentsIn } from '../../models/diffusion/prompt-syntax.ts';
import { compileTextEncoder } from '../../models/diffusion/text-encoder.ts';
import { loadTokenizer, type Tokenizer } from '../../models/diffusion/tokenizer.ts';
import { readSafetensors } from '../../models/weights/safetensors.ts';
import { largestDifference, outputOf } from '../support/networks.ts';
import { bundledTokenizer } from './bundled.ts';
import { type Goldens, reference } from './goldens.ts';
import type { ParityCase, ParityGroup } from './parity-case.ts';

const chunkSchema = z.object({
  ids: z.array(z.int()),
  weights: z.array(z.number()),
  word_ids: z.array(z.int()),
  length: z.int(),
});
const promptSchema = z.object({
  text: z.string(),
  comfy_segments: z.array(z.tuple([z.string(), z.number()])),
  comfy_chunks: z.array(chunkSchema),
  encoding: reference,
});
type RecordedPrompt = z.output<typeof promptSchema>;
const fileSchema = z.object({ model: z.string(), strings: z.array(promptSchema) });

const weightTolerance = 1e-9;
const encodingTolerance = 1e-4;

/** ComfyUI's reading of weighted prompts, their chunks, and their encodings by a small text encoder. */
export const promptGroup: ParityGroup = {
  name: 'prompts',
  file: 'prompts.json',
  cases: async (goldens) => {
    const { model, strings } = await goldens.json('prompts.json', fileSchema);
    const tokenizer = await loadTokenizer(bundledTokenizer);
    const worst = (errorOf: (prompt: RecordedPrompt) => number | Promise<number>) => async () => {
      const errors = [];
      for (const prompt of strings) errors.push(await errorOf(prompt));
      return Math.max(...errors);
    };
    const cases: ParityCase[] = [
      { name: 'segments', tolerance: weightTolerance, measure: worst(segmentError) },
      { name: 'chunks', tolerance: weightTolerance, measure: worst((prompt) => chunkError(prompt, tokenizer)) },
      {
        name: 'encoding',
        tolerance: encodingTolerance,
        measure: worst((prompt) => encodingError(goldens, model, tokenizer, prompt)),
      },
    ];
    return cases.map((each) => ({ ...each, name: `${each.name} of ${strings.length} prompts` }));
  },
};

function segmentError({ text, comfy_segments: expected }: RecordedPrompt): number {
  const actual = segmentsIn(text);
  const isSame = expected.map(([part]) => part).join('\0') === actual.map((segment) => segment.text).join('\0');
  if (!isSame || actual.length !== expected.length) throw new Error(`Other segments for ${JSON.stringify(text)}`);
  return Math.max(0, ...expected.map(([, weight], index) => Math.abs(weight - (actual[index]?.weight ?? Number.NaN))));
}

function chunkError({ text, comfy_chunks: expected }: RecordedPrompt, tokenizer: Tokenizer): number {
  const actual = chunksOf(text, tokenizer);
  const errors = expected.flatMap(({ ids, weights, word_ids, length }, index) => {
    const pad = <Value>(values: readonly Value[], filler: Value) =>
      Array.from({ length }, (_, position) => values[position] ?? filler);
    const chunk = actual[index];
    const isSame =
      chunk?.ids.join() === pad(ids, tokenizer.pad).join() && chunk.segments.join() === pad(word_ids, 0).join();
    if (!isSame) throw new Error(`Other chunks for ${JSON.stringify(text)}`);
    return pad(weights, 1).map((weight, position) => Math.abs(weight - (chunk.weights[position] ?? Number.NaN)));
  });
  if (actual.length !== expected.length)
    throw new Error(`Expected ${expected.length} chunks for ${JSON.stringify(text)}`);
  return Math.max(...errors);
}

async function encodingError(
  goldens: Goldens,
  model: string,
  tokenizer: Tokenizer,
  prompt: RecordedPrompt,
): Promise<number> {
  const session = await goldens.session(model, async () => {
    const config = await goldens.json(`${model}/config.json`, textEncoderConfigSchema);
    const { tensors } = await readSafetensors(goldens.path(`${model}/model.safetensors`));
    // Newer transformers leave the prefix out.
    const find = (name: string) => tensors.get(name) ?? tensors.get(name.replace(/^text_model\./, ''));
    const weights = { label: model, find };
    return compileTextEncoder(config, weights, { clipSkip: 1, compute: 'float32' });
  });
  const { hidden } = await encodePrompt({
    tokenizer,
    encodeTokens: (ids, rows) =>
      outputOf(session, { input_ids: { type: 'int32', dims: [rows, tokenizer.length], data: ids } }),
    text: prompt.text,
    signal: new AbortController().signal,
  });
  const expected = await goldens.tensor('prompts', prompt.encoding.tensor);
  if (hidden.dims.join() !== expected.dims.join())
    throw new Error(`Expected [${expected.dims}] but received [${hidden.dims}]`);
  return largestDifference(hidden.data, expected.data);
}
