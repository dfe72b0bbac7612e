import { open } from 'node:fs/promises';
import path from 'node:path';
import { ModelError } from './errors.ts';

/**
 * Refuses by content, whatever the file is called: empty files, pickles (zip archives of torch.save and bare ones) and what a
 * clone without Git LFS has in place of weights. Rejects with `ModelError`.
 */
export async function refuseUnsafe(file: string): Promise<void> {
  const label = path.basename(file);
  const start = await startOf(file, label);
  if (start.length === 0)
    throw new ModelError(label, `${label} is empty; the download did not finish, so get it again.`);
  if (isPickle(start)) {
    throw new ModelError(
      label,
      `${label} is a pickle, which may run code when it is opened; get the .safetensors or .onnx version of this model.`,
    );
  }
  if (start.toString('latin1').startsWith('version https:')) {
    throw new ModelError(
      label,
      `${label} is a Git LFS pointer and not the model itself; download the file it stands for.`,
    );
  }
}

async function startOf(file: string, label: string): Promise<Buffer> {
  try {
    await using handle = await open(file, 'r');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new ModelError(label, `${label} cannot be opened; check that the file exists and may be read.`, { cause });
  }
}

/** torch.save writes zip archives (PK, 3, 4); older pickles begin with the opcode PROTO, 0x80, and a version from 2 to 5. */
function isPickle(start: Buffer): boolean {
  if (start.subarray(0, 4).toString('latin1') === 'PK\x03\x04') return true;
  const [opcode, protocol = 0] = start;
  // The header length of a safetensors file may begin with the same two bytes, but then JSON follows it.
  return opcode === 0x80 && protocol >= 2 && protocol <= 5 && start[8] !== '{'.charCodeAt(0);
}
