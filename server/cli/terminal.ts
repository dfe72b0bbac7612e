import type { Output } from './reporter.ts';

/** Standard output: results and nothing else. */
export const print = {
  line: (text: string) => void process.stdout.write(`${text}\n`),
  /** Resolves when a slow reader has taken everything, or is gone. */
  flushed: () => new Promise<void>((resolve) => process.stdout.write('', () => resolve())),
};

/** Standard error: what happens meanwhile. On a terminal its last line can be rewritten. */
export function errorOutput(stream: NodeJS.WriteStream = process.stderr): Output {
  const say = (text: string) => void stream.write(`${text}\n`);
  if (!stream.isTTY) return { say };
  const line = (text: string) => {
    // Cut to the width of the window, or the line could not be taken back.
    stream.write(`\r\x1b[2K${text.slice(0, (stream.columns || 80) - 1)}`);
  };
  return { say, line };
}
