import { ProtobufWriter } from './protobuf-writer.ts';

/** Element types of tensors with their numbers in onnx.proto's TensorProto.DataType. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;
export type ElementType = keyof typeof elementTypes;

/** An attribute of a node. Plain numbers are INT; fractions are wrapped, because protobuf keeps the two apart. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A range of bytes in another file, relative to the folder the session may read. */
export interface ExternalBytes {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A constant of the graph: its values are little-endian bytes in the model, or a range of another file. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly content: Uint8Array | ExternalBytes;
}

export interface GraphNode {
  readonly operator: string;
  /** Empty for ai.onnx. */
  readonly domain: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An input or output of the graph. Sizes known only when it runs have a name. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
}

const irVersion = 10;
const operatorSets = { '': 21, 'com.microsoft': 1 } as const;

/** The model as an ONNX file's bytes (ModelProto). Field numbers below are those of onnx/onnx.proto. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const writer = new ProtobufWriter().integer(1, irVersion).text(2, 'aria');
  writer.message(7, (graph) => writeGraph(graph, model));
  for (const [domain, version] of Object.entries(operatorSets)) {
    writer.message(8, (set) => set.text(1, domain).integer(2, version));
  }
  return writer.finish();
}

function writeGraph(graph: ProtobufWriter, model: OnnxModel): void {
  for (const node of model.nodes) graph.message(1, (writer) => writeNode(writer, node));
  graph.text(2, model.name);
  for (const initializer of model.initializers) graph.message(5, (writer) => writeInitializer(writer, initializer));
  for (const input of model.inputs) graph.message(11, (writer) => writeValue(writer, input));
  for (const output of model.outputs) graph.message(12, (writer) => writeValue(writer, output));
}

function writeNode(writer: ProtobufWriter, node: GraphNode): void {
  for (const input of node.inputs) writer.text(1, input);
  writer.text(2, node.output).text(3, node.output).text(4, node.operator);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    writer.message(5, (field) => writeAttribute(field.text(1, name), attribute));
  }
  if (node.domain) writer.text(7, node.domain);
}

const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

function writeAttribute(writer: ProtobufWriter, attribute: Attribute): void {
  if (typeof attribute === 'number') writer.integer(3, attribute).integer(20, attributeTypes.int);
  else if (typeof attribute === 'string') writer.text(4, attribute).integer(20, attributeTypes.string);
  else if ('float' in attribute) writer.float(2, attribute.float).integer(20, attributeTypes.float);
  else {
    for (const value of attribute) writer.integer(8, value);
    writer.integer(20, attributeTypes.ints);
  }
}

function writeInitializer(writer: ProtobufWriter, { name, type, dims, content }: Initializer): void {
  for (const size of dims) writer.integer(1, size);
  writer.integer(2, elementTypes[type]).text(8, name);
  if (content instanceof Uint8Array) {
    writer.bytes(9, content);
    return;
  }
  for (const [key, value] of Object.entries(content)) {
    writer.message(13, (entry) => entry.text(1, key).text(2, String(value)));
  }
  const external = 1;
  writer.integer(14, external);
}

function writeValue(writer: ProtobufWriter, { name, type, dims }: ValueInfo): void {
  const writeShape = (shape: ProtobufWriter) => {
    for (const size of dims) {
      shape.message(1, (dimension) =>
        typeof size === 'number' ? dimension.integer(1, size) : dimension.text(2, size),
      );
    }
  };
  writer
    .text(1, name)
    .message(2, (anyType) =>
      anyType.message(1, (tensor) => tensor.integer(1, elementTypes[type]).message(2, writeShape)),
    );
}
