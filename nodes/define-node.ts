import * as z from 'zod';
import type { ModelInfo, ModelPool, Pixels, Work } from '../models/contracts.ts';
import type { ImageRef } from './ports.ts';

type Shape = z.core.$ZodShape;

/** What a long node says while it works. */
export interface StepDetail {
  readonly step: number;
  readonly of: number;
  /** A small picture of the state so far; made only when somebody watches. */
  readonly preview?: () => Pixels;
}

/** The whole machine as a node sees it. Nodes import nothing that touches a GPU, a disk or a socket. */
export interface NodeContext extends Work {
  /** How much is done, from 0 to 1, with the sampler step where there is one. */
  readonly progress: (fraction: number, detail?: StepDetail) => void;
  /** Says something the person should know although the node succeeds. Kept with the result. */
  readonly warn: (message: string) => void;
  readonly models: ModelPool;
  readonly images: {
    /**
     * Rejects when the image is gone from the store or damaged. With a size, the picture is scaled to cover it and
     * cropped around its middle, and transparency is laid over white.
     */
    read(ref: ImageRef, signal: AbortSignal, cover?: { width: number; height: number }): Promise<Pixels>;
    write(pixels: Pixels): Promise<ImageRef>;
  };
  readonly gallery: {
    /** Keeps the picture with its graph. `already` is true when this very picture was kept before. */
    save(ref: ImageRef, options: { name: string; signal: AbortSignal }): Promise<{ file: string; already: boolean }>;
  };
}

/** Width and height of pictures on a port, known before running; `count` for lists. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly count?: number;
}
export type Sizes = Readonly<Record<string, Size | undefined>>;

/** What is known outside the graph while it is drawn. */
export interface Facts {
  readonly models: readonly ModelInfo[];
}

/** Something odd about a node's settings, found before running. */
export interface Remark {
  readonly severity: 'error' | 'warning';
  /** The parameter or input it is about. */
  readonly port?: string;
  readonly message: string;
}

export type Category = 'source' | 'generate' | 'enhance' | 'output';
export type Lane = 'gpu' | 'cpu' | 'io';
/**
 * `pure`: equal inputs give equal outputs. `seeded`: the same, given its seed parameter. `effect`: exists for what it does
 * to the world, is never skipped and never computes.
 */
export type Purity = 'pure' | 'seeded' | 'effect';

interface Description {
  readonly title: string;
  /** Two or three sentences: what the node does and when to use it. */
  readonly help: string;
  readonly category: Category;
  /** Other words people search for. */
  readonly aliases?: readonly string[];
  /** Which queue the node waits in. */
  readonly lane: Lane;
  readonly purity: Purity;
  /** True for nodes that a run works towards: a graph is run for its output nodes. */
  readonly output?: boolean;
  /** Which input passes through to which output when the node is bypassed. */
  readonly bypass?: Readonly<Record<string, string>>;
}

interface NodeSpec<Type extends string, Params extends Shape, Inputs extends Shape, Outputs extends Shape>
  extends Description {
  readonly type: Type;
  /** Part of the recipe key: raise it when `execute` would give a different result for the same inputs. */
  readonly version: number;
  /** From each older version's parameters to the next version's. */
  readonly migrations?: Readonly<Record<number, (params: Record<string, unknown>) => Record<string, unknown>>>;
  readonly params: Params;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  /** Anything outside parameters and inputs that the result depends on, such as the digest of a model. */
  fingerprint?(params: z.output<z.ZodObject<Params>>, models: ModelPool): Promise<string>;
  /** The sizes of the outputs, from the sizes of the inputs, without running. */
  infer?(params: z.output<z.ZodObject<Params>>, sizes: Sizes, facts: Facts): Sizes;
  /** What is odd about these settings; `connected` holds the inputs that have an edge. */
  check?(params: z.output<z.ZodObject<Params>>, connected: ReadonlySet<string>, facts: Facts): Remark[];
  execute(
    run: NodeContext & { params: z.output<z.ZodObject<Params>>; inputs: z.output<z.ZodObject<Inputs>> },
  ): Promise<z.input<z.ZodObject<Outputs>> & EffectReport>;
}

/** An effect that found its work already done says so, and the run calls it cached. */
interface EffectReport {
  readonly already?: boolean;
}

export interface NodeResult {
  readonly outputs: Record<string, unknown>;
  readonly already: boolean;
}

/** A node with its types forgotten: what the editor draws and the engine runs. */
export interface NodeDefinition extends Description {
  readonly type: string;
  readonly version: number;
  readonly migrations?: Readonly<Record<number, (params: Record<string, unknown>) => Record<string, unknown>>>;
  readonly params: z.ZodObject;
  readonly inputs: z.ZodObject;
  readonly outputs: z.ZodObject;
  /** The parameters with defaults filled in, or what is wrong with them. Remembered for each parameter object. */
  settings(params: unknown): z.ZodSafeParseResult<Record<string, unknown>>;
  fingerprint(params: unknown, models: ModelPool): Promise<string>;
  infer(params: unknown, sizes: Sizes, facts: Facts): Sizes;
  check(params: unknown, connected: ReadonlySet<string>, facts: Facts): Remark[];
  /** Parses the raw values, executes, and parses the outputs. Rejects with whatever the node throws. */
  run(values: { params: unknown; inputs: unknown }, context: NodeContext): Promise<NodeResult>;
}
export type Catalog = Readonly<Record<string, NodeDefinition>>;

/** Checks a node where it is written and forgets its types where it is used: the parse is the only door. */
export function defineNode<
  const Type extends string,
  Params extends Shape,
  Inputs extends Shape,
  Outputs extends Shape,
>(spec: NodeSpec<Type, Params, Inputs, Outputs>) {
  const params = z.object(spec.params);
  const inputs = z.object(spec.inputs);
  const outputs = z.object(spec.outputs);
  const settings = remembered((raw) => params.safeParse(raw));
  return {
    ...spec,
    params,
    inputs,
    outputs,
    settings,
    async fingerprint(raw: unknown, models: ModelPool) {
      return spec.fingerprint ? spec.fingerprint(params.parse(raw), models) : '';
    },
    infer(raw: unknown, sizes: Sizes, facts: Facts): Sizes {
      const known = settings(raw);
      return known.success && spec.infer ? spec.infer(known.data, sizes, facts) : {};
    },
    check(raw: unknown, connected: ReadonlySet<string>, facts: Facts): Remark[] {
      const known = settings(raw);
      return known.success && spec.check ? spec.check(known.data, connected, facts) : [];
    },
    async run(raw: { params: unknown; inputs: unknown }, context: NodeContext): Promise<NodeResult> {
      const result = await spec.execute({
        ...context,
        params: params.parse(raw.params),
        inputs: inputs.parse(raw.inputs),
      });
      return { outputs: outputs.parse(result), already: result.already === true };
    },
  };
}

/** Documents are never changed in place, so what was found for an object stays true as long as it lives. */
function remembered<Found>(find: (value: unknown) => Found): (value: unknown) => Found {
  const known = new WeakMap<object, Found>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return find(value);
    const earlier = known.get(value);
    if (earlier !== undefined) return earlier;
    const found = find(value);
    known.set(value, found);
    return found;
  };
}
