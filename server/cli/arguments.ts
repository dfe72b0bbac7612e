import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type SeedPolicy, seedPolicies } from '../runs/seeds.ts';

export interface RunCommand {
  readonly do: 'run';
  readonly file: string;
  /** Each `node.param=value`, split at the first `=`. */
  readonly settings: readonly Setting[];
  readonly out?: string;
  readonly json: boolean;
  readonly seeds: SeedPolicy;
}
export interface Setting {
  readonly address: string;
  readonly text: string;
}
export type Command =
  | RunCommand
  | { readonly do: 'validate'; readonly file: string; readonly json: boolean }
  | { readonly do: 'help' }
  | { readonly do: 'version' };

/** Thrown when a command line cannot be understood, or names something that is not there. One sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const help = `Aria makes pictures from graphs.

  aria run graph.json [options]    runs a graph and keeps its pictures
  aria validate graph.json         says whether a graph can run, and what to change if not

A graph is a file saved by the editor, or a picture that Aria saved (PNG): the graph is inside.

Options of run:
  --set node.param=value    uses another value for this run; may be repeated
                            for a picture parameter, the value is a file
  --out folder              copies the saved pictures there
  --seeds keep|new|next     keeps the seeds of the graph (default), draws new ones, or adds one
  --json                    prints each event as one line of JSON

Options of validate:
  --json                    prints each problem as one line of JSON

  --help, --version

ARIA_DATA is the folder of pictures and models (default: data). Exit codes: 0 done, 1 the run failed,
2 the command or the graph is not right, 130 stopped by Ctrl+C.
`;

const common = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } } as const;
const json = { type: 'boolean' } as const;
const runOptions = {
  ...common,
  json,
  set: { type: 'string', multiple: true },
  out: { type: 'string' },
  seeds: { type: 'string' },
} as const;

/** What a command line asks for. Throws UsageError. */
export function commandOf(words: readonly string[]): Command {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help') return { do: 'help' };
  if (name === 'run') return runCommand(rest);
  if (name === 'validate') return validateCommand(rest);
  if (!name.startsWith('-')) throw new UsageError(`There is no command "${name}"; use run or validate.`);
  const { values } = understood({ args: [...words], options: common, allowPositionals: true });
  return { do: values.version ? 'version' : 'help' };
}

function runCommand(args: string[]): Command {
  const { values, positionals } = understood({ args, options: runOptions, allowPositionals: true });
  if (values.help || values.version) return { do: values.version ? 'version' : 'help' };
  const seeds = seedPolicies.find((policy) => policy === (values.seeds ?? 'keep'));
  if (!seeds) throw new UsageError(`Expected keep, new or next for --seeds but received "${values.seeds}".`);
  return {
    do: 'run',
    file: onlyFile(positionals, 'run'),
    settings: (values.set ?? []).map(settingOf),
    ...(values.out !== undefined && { out: values.out }),
    json: values.json ?? false,
    seeds,
  };
}

function validateCommand(args: string[]): Command {
  const { values, positionals } = understood({ args, options: { ...common, json }, allowPositionals: true });
  if (values.help || values.version) return { do: values.version ? 'version' : 'help' };
  return { do: 'validate', file: onlyFile(positionals, 'validate'), json: values.json ?? false };
}

function onlyFile(positionals: readonly string[], command: string): string {
  const [file, second] = positionals;
  if (file === undefined) throw new UsageError(`Expected a graph file after "aria ${command}" but received none.`);
  if (second !== undefined) throw new UsageError(`Expected one graph file but received also "${second}".`);
  return file;
}

function settingOf(text: string): Setting {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`Expected node.param=value for --set but received "${text}".`);
  return { address: text.slice(0, at), text: text.slice(at + 1) };
}

/** `parseArgs` with its complaints as UsageError. */
function understood<const Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (!(cause instanceof Error) || !code.startsWith('ERR_PARSE_ARGS')) throw cause;
    throw new UsageError(`${cause.message.split('. ')[0]}; see "aria --help".`, { cause });
  }
}
