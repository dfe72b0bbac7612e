/** Four neighbouring pixels (offsets into interleaved data) and their weights for reading between pixel centres. */
export interface Sample {
  readonly offsets: readonly [number, number, number, number];
  readonly weights: readonly [number, number, number, number];
}

/** Where to read at `x`, `y`, pixel centres being whole numbers; outside, the edge is repeated. */
export function sampleAt(x: number, y: number, width: number, height: number, channels: number): Sample {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const down = y - top;
  const columns = [clamp(left, width), clamp(left + 1, width)] as const;
  const rows = [clamp(top, height) * width, clamp(top + 1, height) * width] as const;
  return {
    offsets: [
      (rows[0] + columns[0]) * channels,
      (rows[0] + columns[1]) * channels,
      (rows[1] + columns[0]) * channels,
      (rows[1] + columns[1]) * channels,
    ],
    weights: [(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down],
  };
}

/** One channel at a sample. */
export function read(data: Uint8Array, { offsets, weights }: Sample, channel: number): number {
  return (
    (data[offsets[0] + channel] ?? 0) * weights[0] +
    (data[offsets[1] + channel] ?? 0) * weights[1] +
    (data[offsets[2] + channel] ?? 0) * weights[2] +
    (data[offsets[3] + channel] ?? 0) * weights[3]
  );
}

const clamp = (index: number, length: number) => (index < 0 ? 0 : index >= length ? length - 1 : index);
