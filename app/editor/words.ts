/** Milliseconds in words: "0.4 s", "3.2 s", "1 min 5 s". */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Bytes in words, in powers of 1000: "812 kB", "2.1 GB". */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 'B';
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Width and height in words: "512 × 512", with the number of pictures where there are several. */
export function sizeWords({ width, height, count }: { width: number; height: number; count?: number }): string {
  const size = `${width} × ${height}`;
  return count !== undefined && count > 1 ? `${count} of ${size}` : size;
}

const abbreviations: ReadonlyMap<string, string> = new Map([
  ['dpm', 'DPM'],
  ['dpmpp', 'DPM++'],
  ['lms', 'LMS'],
  ['sde', 'SDE'],
  ['sgm', 'SGM'],
  ['ddim', 'DDIM'],
  ['ddpm', 'DDPM'],
  ['lcm', 'LCM'],
  ['ipndm', 'iPNDM'],
  ['deis', 'DEIS'],
  ['uni', 'Uni'],
  ['pc', 'PC'],
  ['kl', 'KL'],
  ['cfg', 'CFG'],
  ['pp', '++'],
  ['gpu', 'GPU'],
]);

/** A name of code as words: "res_multistep" becomes "Res multistep", "dpmpp_2m_sde" becomes "DPM++ 2M SDE". */
export function spelled(name: string): string {
  const words = name
    .split(/[_-]/)
    .map((word) => abbreviations.get(word) ?? word.replace(/^\d[sm]$/, (order) => order.toUpperCase()));
  const text = words.join(' ');
  return abbreviations.has(name.split(/[_-]/)[0] ?? '') ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** The sentence of an error; servers and our own classes write sentences a person can read. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error && error.message !== '' ? error.message : 'Something went wrong; try again.';
