import { describe, expect, test } from 'vitest';
import { commandOf, UsageError } from '../../server/cli/arguments.ts';

describe('what a command line asks for', () => {
  test('a run with everything', () =>
    expect(
      commandOf(['run', 'a.json', '--set', 'prompt.text=a=b', '--set=x.y=', '--out', 'o', '--json', '--seeds', 'new']),
    ).toEqual({
      do: 'run',
      file: 'a.json',
      settings: [
        { address: 'prompt.text', text: 'a=b' },
        { address: 'x.y', text: '' },
      ],
      out: 'o',
      json: true,
      seeds: 'new',
    }));

  test('a run keeps its seeds and writes nowhere unless it is told to', () =>
    expect(commandOf(['run', 'a.json'])).toEqual({
      do: 'run',
      file: 'a.json',
      settings: [],
      json: false,
      seeds: 'keep',
    }));

  test('a check', () =>
    expect(commandOf(['validate', 'a.json', '--json'])).toEqual({ do: 'validate', file: 'a.json', json: true }));

  test.each([[[]], [['help']], [['--help']], [['-h']], [['run', '--help']]])('help by %j', (words) =>
    expect(commandOf(words)).toEqual({ do: 'help' }),
  );
  test.each([[['--version']], [['-v']]])('the version by %j', (words) =>
    expect(commandOf(words)).toEqual({ do: 'version' }),
  );

  test.each([
    [['fly'], /no command "fly"/],
    [['run'], /after "aria run" but received none/],
    [['run', 'a.json', 'b.json'], /received also "b.json"/],
    [['run', 'a.json', '--seeds', 'maybe'], /keep, new or next for --seeds but received "maybe"/],
    [['run', 'a.json', '--set', 'prompt'], /node\.param=value for --set but received "prompt"/],
    [['run', 'a.json', '--set', '=x'], /node\.param=value/],
    [['run', 'a.json', '--outt', 'x'], /--outt/],
    [['run', 'a.json', '--out'], /--out/],
    [['validate', 'a.json', '--out', 'x'], /--out/],
    [['--nonsense'], /--nonsense/],
  ])('refuses %j in one sentence', (words, sentence) => {
    expect(() => commandOf(words)).toThrow(UsageError);
    expect(() => commandOf(words)).toThrow(sentence);
  });
});
