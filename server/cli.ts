import { readFileSync } from 'node:fs';
import { ImageError } from '../models/errors.ts';
import { GraphError } from '../nodes/graph.ts';
import { type Command, commandOf, help, UsageError } from './cli/arguments.ts';
import { graphInFile } from './cli/graph-file.ts';
import { errorOutput, print } from './cli/terminal.ts';
import { validateGraph } from './cli/validate.ts';
import { dataFolderAt } from './data-folder.ts';
import { InputError } from './runs/inputs.ts';

/** The command line of Aria: does what the words ask and ends the process with its exit code. */
export async function main(words: readonly string[]): Promise<void> {
  const interruption = new AbortController();
  process.on('SIGINT', () => {
    // The second Ctrl+C does not wait for the run to stop.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
  const code = await exitCodeOf(words, interruption.signal);
  await print.flushed();
  process.exit(code);
}

async function exitCodeOf(words: readonly string[], interrupted: AbortSignal): Promise<number> {
  try {
    return await obey(commandOf(words), interrupted);
  } catch (error) {
    const { say } = errorOutput();
    say(error instanceof Error ? error.message : String(error));
    return isMistake(error) ? 2 : 1;
  }
}

/** Whether the person can mend it by another command line or another file. */
const isMistake = (error: unknown) =>
  [UsageError, InputError, GraphError, ImageError].some((mistake) => error instanceof mistake);

async function obey(command: Command, interrupted: AbortSignal): Promise<number> {
  if (command.do === 'help') return say(help.trimEnd());
  if (command.do === 'version') return say(version());
  const graph = await graphInFile(command.file);
  const folder = dataFolderAt();
  // Loaded when needed, so that help and mistakes come at once.
  const { installedModels, openEngine } = await import('./cli/open-engine.ts');
  if (command.do === 'validate') {
    return validateGraph(graph, await installedModels(folder), command.json, print.line);
  }
  const { runGraph } = await import('./cli/run.ts');
  await using engine = await openEngine(folder);
  return await runGraph(graph, command, { engine, result: print.line, notes: errorOutput(), interrupted });
}

function say(text: string): number {
  print.line(text);
  return 0;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const found: unknown = JSON.parse(text);
  const known = typeof found === 'object' && found !== null && 'version' in found ? found.version : undefined;
  return `aria ${known}`;
}
