import { randomFillSync } from 'node:crypto';
import { type FileHandle, mkdtemp, open, readFile, rm, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { unetConfigSchema } from '../../models/diffusion/configs.ts';
import { compileUnet } from '../../models/diffusion/unet.ts';
import { openSession, type Session, type TypedTensor } from '../../models/session.ts';
import { readSafetensors } from '../../models/weights/safetensors.ts';
import { sizeOf } from '../../models/weights/weight-source.ts';
import { stableDiffusionNames } from '../support/checkpoints.ts';
import { headerBytes } from '../support/safetensors.ts';

type Precision = 'F32' | 'F16';

const config = unetConfigSchema.parse({
  in_channels: 4,
  out_channels: 4,
  block_out_channels: [320, 640, 1280, 1280],
  layers_per_block: 2,
  cross_attention_dim: 768,
  attention_head_dim: 8,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
});

/**
 * A denoiser of Stable Diffusion 1.5's size with random weights: seconds to load, seconds for one guided step at 512 × 512
 * (batch 2) on all cores, and memory. Processor seconds count
 * what the network itself took, whatever else the machine was doing. Writes up to 3.4 GB to the temporary folder and removes it again.
 */
export async function benchUnet(
  print: (line: string) => void,
  precisions: readonly Precision[] = ['F32', 'F16'],
): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-unet-'));
  try {
    for (const precision of precisions) {
      const file = path.join(folder, 'unet.safetensors');
      const bytes = await writeRandomWeights(file, precision);
      print(
        `SD 1.5 denoiser, ${precision} file of ${(bytes / 1e9).toFixed(2)} GB, batch 2, latents 64 × 64, ${os.availableParallelism()} cores`,
      );
      for (const prepack of [false, true]) await measure(file, prepack, print);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(file: string, prepack: boolean, print: (line: string) => void): Promise<void> {
  const { tensors } = await readSafetensors(file);
  const source = { label: path.basename(file), find: (name: string) => tensors.get(name) };
  const start = performance.now();
  const { bytes, weightsRoot } = compileUnet(config, source, 'float32');
  const compiled = performance.now();
  await using session = await openSession(bytes, { weightsRoot, prepack });
  const loaded = performance.now();
  print(
    `  ${prepack ? 'prepacked' : 'weights in place'}: compiled in ${seconds(compiled - start)}, loaded in ${seconds(loaded - compiled)}, ${await memory()}`,
  );
  for (const label of ['first step', 'second step', 'third step']) {
    const before = performance.now();
    const usage = process.cpuUsage();
    await step(session);
    const { user, system } = process.cpuUsage(usage);
    const computing = seconds((user + system) / 1000);
    print(`    ${label} ${seconds(performance.now() - before)} (processor ${computing}), ${await memory()}`);
  }
}

async function step(session: Session): Promise<void> {
  const { prediction } = await session.run({
    sample: waves([2, 4, 64, 64]),
    timestep: { type: 'float32', dims: [2], data: new Float32Array([500, 500]) },
    context: waves([2, 77, 768]),
  });
  if (prediction?.type !== 'float32' || !prediction.data.every(Number.isFinite))
    throw new Error('Expected finite values');
}

function waves(dims: number[]): TypedTensor {
  return { type: 'float32', dims, data: Float32Array.from({ length: sizeOf(dims) }, (_, index) => Math.sin(index)) };
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;

/** Resident memory, and the part of it that is not a file's pages, which the system cannot simply drop (Linux only). */
async function memory(): Promise<string> {
  const total = `RSS ${Math.round(process.memoryUsage().rss / 1e6)} MB`;
  if (process.platform !== 'linux') return total;
  const anonymous = /RssAnon:\s+(\d+) kB/.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
  return `${total} (anonymous ${Math.round((Number(anonymous) * 1024) / 1e6)} MB)`;
}

/** Random weights between 2⁻⁷ and 2⁻⁶ in size, under diffusers' names. Returns the file's size. */
async function writeRandomWeights(file: string, precision: Precision): Promise<number> {
  const names = (await stableDiffusionNames()).filter(([, , component]) => component === 'unet');
  const width = precision === 'F32' ? 4 : 2;
  let position = 0;
  const header = names.map(([, , , name, shape]) => {
    const start = position;
    position += sizeOf(shape) * width;
    return [name, { dtype: precision, shape, data_offsets: [start, position] }] as const;
  });
  const { bavail, bsize } = await statfs(path.dirname(file));
  if (bavail * bsize < position * 1.1)
    throw new Error(`Expected ${position} free bytes in ${os.tmpdir()}; free some space.`);
  await using handle = await open(file, 'w');
  await handle.write(headerBytes(Object.fromEntries(header)));
  await writeRandom(handle, position, precision);
  return position;
}

async function writeRandom(handle: FileHandle, length: number, precision: Precision): Promise<void> {
  const block = new Uint32Array(1 << 22);
  const [keep, set] = precision === 'F32' ? [0x807f_ffff, 0x3c00_0000] : [0x83ff_83ff, 0x2000_2000];
  for (let written = 0; written < length; written += block.byteLength) {
    randomFillSync(block);
    for (const [index, value] of block.entries()) block[index] = ((value & keep) | set) >>> 0;
    await handle.write(new Uint8Array(block.buffer, 0, Math.min(block.byteLength, length - written)));
  }
}
