import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Edge, readGraph } from '../../nodes/graph.ts';
import { valuesOf } from '../../server/cli/settings.ts';
import { withInputs } from '../../server/runs/inputs.ts';

const portrait = readGraph(readFileSync('nodes/templates/portrait.json', 'utf8'));
const uploaded = { digest: 'a'.repeat(64), width: 2, height: 3 };
const values = (graph: typeof portrait, ...words: string[]) =>
  valuesOf(
    graph,
    words.map((word) => ({ address: word.split('=')[0] ?? '', text: word.slice(word.indexOf('=') + 1) })),
    async () => uploaded,
  );
const withNode = (id: string, type: string) =>
  withInputs(
    { ...portrait, nodes: { ...portrait.nodes, [id]: { type, version: 1, params: {}, layout: { x: 0, y: 0 } } } },
    {},
  );

describe('values on the command line', () => {
  test('are read as each parameter wants them', async () =>
    expect(
      await values(portrait, 'diffusion.steps=3', 'diffusion.guidance=2.5', 'diffusion.sampler=heun', 'prompt.text=3'),
    ).toEqual({ 'diffusion.steps': 3, 'diffusion.guidance': 2.5, 'diffusion.sampler': 'heun', 'prompt.text': '3' }));

  test('keep every digit of a seed', async () =>
    expect(await values(portrait, 'diffusion.seed=18446744073709551615')).toEqual({
      'diffusion.seed': '18446744073709551615',
    }));

  test('may be empty where text may be', async () =>
    expect(await values(portrait, 'prompt.negative=')).toEqual({ 'prompt.negative': '' }));

  test('bring a file along for a picture', async () =>
    expect(await values(withNode('photo', 'load-image'), 'photo.image=face.jpg')).toEqual({ 'photo.image': uploaded }));

  test('reach a node whose id has a dot', async () =>
    expect(await values(withNode('a.b', 'prompt'), 'a.b.text=x')).toEqual({ 'a.b.text': 'x' }));

  test.each([
    ['diffusion.steps=many', /a whole number from 1 to 150 for Diffusion, Steps but received "many"/],
    ['diffusion.steps=1.5', /a whole number/],
    ['diffusion.steps=', /a whole number/],
    ['diffusion.steps=151', /from 1 to 150/],
    ['diffusion.sampler=best', /one of euler, euler_ancestral.*for Diffusion, Sampler but received "best"/],
    ['diffusion.seed=-1', /Diffusion, Seed but received "-1"/],
    ['nobody.text=x', /no node "nobody".*"prompt", "diffusion", "upscale"/],
    ['text=x', /no node "text"/],
    ['prompt.words=x', /"prompt" \(Prompt\) has no parameter "words".*"text", "negative"/],
    ['prompt.toString=x', /no parameter "toString"/],
    ['constructor.text=x', /no node "constructor"/],
    ['diffusion.prompt=x', /no parameter "prompt"/],
  ])('%s is refused with the choices', async (word, sentence) => {
    await expect(values(portrait, word)).rejects.toThrow(sentence);
  });

  test('are refused where a wire brings the value, instead of being ignored', async () => {
    const wire: Edge = { from: ['a', 'b'], to: ['prompt', 'text'] };
    await expect(values({ ...portrait, edges: [...portrait.edges, wire] }, 'prompt.text=x')).rejects.toThrow(
      /by a wire/,
    );
  });

  test('change the graph for the run and not the graph that was read', () => {
    const before = structuredClone(portrait);
    const changed = withInputs(portrait, { 'diffusion.steps': 3, 'diffusion.seed': 2n ** 63n });
    expect(changed.nodes.diffusion?.params).toMatchObject({ steps: 3, seed: '9223372036854775808', width: 128 });
    expect(portrait).toEqual(before);
  });
});
