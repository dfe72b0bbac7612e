import {
  type ElementType,
  elementTypes,
  encodeModel,
  type GraphNode,
  type Initializer,
  type OnnxModel,
} from '../../models/weights/onnx-proto.ts';

type Dims = readonly (number | string)[];
const free: Dims = [1, 3, 'height', 'width'];

/** Tiny ONNX files with the inputs and outputs of real ones, and results that can be worked out by hand. */
export const onnx = {
  /** Repeats each pixel; `type` is that of input and output. */
  nearest(scale: number, { dims = free, type = 'float32' }: { dims?: Dims; type?: 'float32' | 'float16' } = {}) {
    return picture([resize('input', 'output', scale)], {
      dims,
      type,
      constants: [floats('scales', [1, 1, scale, scale])],
    });
  },
  /** Mixes 5 × 5 neighbours and repeats each pixel twice: a receptive field of two pixels. */
  mixing() {
    const weights = Array.from({ length: 225 }, (_, index) => ((index * 7919) % 31) / 31 / 37);
    return picture([conv('input', 'mixed', 2), resize('mixed', 'output', 2)], {
      constants: [floats('kernel', weights, [3, 3, 5, 5]), floats('scales', [1, 1, 2, 2])],
    });
  },
  /** Expects colours from 0 to 255: everything below 16 is raised to 16. */
  bytes(scale: number) {
    return picture([node('Clip', ['input', 'low', 'high'], 'clipped'), resize('clipped', 'output', scale)], {
      constants: [floats('low', [16], []), floats('high', [255], []), floats('scales', [1, 1, scale, scale])],
    });
  },
  /** Folds blocks of 4 × 4 pixels and unfolds them: other sizes fail. */
  folding() {
    return picture([
      node('SpaceToDepth', ['input'], 'folded', { blocksize: 4 }),
      node('DepthToSpace', ['folded'], 'output', { blocksize: 4 }),
    ]);
  },
  /** Gives blocks of 4 × 4 pixels their mean: where the blocks lie depends on where the picture begins. */
  blocks() {
    const attributes = { kernel_shape: [4, 4], strides: [4, 4] };
    return picture([node('AveragePool', ['input'], 'means', attributes), resize('means', 'output', 4)], {
      constants: [floats('scales', [1, 1, 4, 4])],
    });
  },
  /** Gives a negative picture: nothing that an upscaler would do. */
  inverting() {
    return picture([node('Sub', ['one', 'input'], 'output')], { constants: [floats('one', [1], [])] });
  },
  /** Gives NaN for every colour. */
  broken() {
    return picture([node('Log', ['lower'], 'output'), node('Sub', ['input', 'two'], 'lower')].reverse(), {
      constants: [floats('two', [2], [])],
    });
  },
  /** GFPGAN's signature; halves every value in -1..1. */
  gfpgan() {
    return picture([node('Mul', ['input', 'half'], 'output')], {
      dims: [1, 3, 512, 512],
      constants: [floats('half', [0.5], [])],
    });
  },
  /** CodeFormer's signature: a second input of any float type, and values multiplied by it. */
  codeformer(type: ElementType, dims: readonly number[]) {
    const nodes = [
      node('Cast', ['w'], 'weight', { to: elementTypes.float32 }),
      node('Mul', ['input', 'weight'], 'output'),
    ];
    return picture(nodes, { dims: [1, 3, 512, 512], extra: [{ name: 'w', type, dims }] });
  },
  /** Reads grey pictures. */
  grey: () => picture([node('Identity', ['input'], 'output')], { dims: [1, 1, 'height', 'width'] }),
};

function picture(
  nodes: readonly GraphNode[],
  {
    dims = free,
    type = 'float32',
    constants = [],
    extra = [],
  }: {
    dims?: Dims;
    type?: 'float32' | 'float16';
    constants?: readonly Initializer[];
    extra?: OnnxModel['inputs'];
  } = {},
): Uint8Array {
  const fixed = typeof dims[2] === 'number';
  return encodeModel({
    name: 'test',
    inputs: [{ name: 'input', type, dims }, ...extra],
    outputs: [{ name: 'output', type, dims: [1, dims[1] ?? 3, fixed ? 'out height' : 'out h', 'out width'] }],
    nodes,
    initializers: constants,
  });
}

function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: GraphNode['attributes'] = {},
): GraphNode {
  return { operator, domain: '', inputs, output, attributes };
}

function resize(from: string, to: string, scale: number): GraphNode {
  if (scale === 1) return node('Identity', [from], to);
  return node('Resize', [from, '', 'scales'], to, {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}

function conv(from: string, to: string, pad: number): GraphNode {
  const side = 2 * pad + 1;
  return node('Conv', [from, 'kernel'], to, { kernel_shape: [side, side], pads: [pad, pad, pad, pad] });
}

function floats(name: string, values: readonly number[], dims: readonly number[] = [values.length]): Initializer {
  const data = Float32Array.from(values);
  return { name, type: 'float32', dims, content: new Uint8Array(data.buffer) };
}
