/** `npm run bench -- <name> [--json]`: measures one thing and prints it as a table, or one JSON row a line. */
export interface BenchOptions {
  readonly json: boolean;
  readonly print: (line: string) => void;
}

type Bench = (options: BenchOptions) => Promise<void>;

// Each is loaded when it is asked for, so that no measurement pays for another's imports.
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  engine: async () => (await import('./engine.ts')).benchEngine,
  problems: async () => (await import('./problems.ts')).benchProblems,
  start: async () => (await import('./start.ts')).benchStart,
  peers: async () => (await import('./peers.ts')).benchPeers,
  unet: async () => {
    const { benchUnet } = await import('./unet.ts');
    return ({ print }) => benchUnet(print);
  },
};

const [name = '', ...flags] = process.argv.slice(2);
const load = benches[name];
if (load) {
  const bench = await load();
  await bench({ json: flags.includes('--json'), print: (line) => console.log(line) });
} else {
  console.error(`Expected one of ${Object.keys(benches).join(', ')} but received "${name}".`);
  process.exitCode = 1;
}
