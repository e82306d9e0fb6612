import type { Options, OptionValue, Quantization, ValueType } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import { type BuiltinFacts, type BuiltinName, builtins, type OptionTables, tables } from '../schema/tflite.gen.js';
import type { LiteRtKernels } from './litert.js';

type ArgName<S> = S extends `${infer N}?` ? N : S extends `${infer N}*` ? N : S;
/** Arguments by name: `'bias?'` may be undefined, `'values*'` is a list (last argument only). */
export type Args<I extends readonly string[], T> = {
  readonly [K in I[number] as ArgName<K>]: K extends `${string}?`
    ? T | undefined
    : K extends `${string}*`
      ? readonly T[]
      : T;
};

/** What inference knows of an input. */
export interface KnownValue extends ValueType {
  /** Elements of a small integer tensor as far as known (all of them for a constant); undefined when nothing is known. */
  readonly elements: readonly (number | undefined)[] | undefined;
  readonly quantization?: Quantization | undefined;
}

/** What a version rule may look at. `undefined` inputs are absent optional ones. */
export interface VersionFacts {
  readonly inputs: readonly (VersionValue | undefined)[];
  readonly outputs: readonly VersionValue[];
  readonly options: Options;
}
export interface VersionValue extends ValueType {
  readonly quantization: Quantization | undefined;
  readonly isSparse: boolean;
}

/** Dynamic-range rules of an operator's constant weights. */
export interface WeightRule {
  /** Indices of the inputs that hold weights. */
  readonly operands: readonly number[];
  /** Output-channel axis of the weights; absent: per-tensor scales only. */
  readonly axis?: number;
  /** A hybrid kernel takes the integer weights directly; otherwise a DEQUANTIZE goes in front. */
  readonly hybrid: boolean;
  /** The hybrid kernel reads one scale for each index of `axis`; a scale for the whole tensor is repeated. */
  readonly channelScales?: boolean;
  /** The operator has the option `asymmetricQuantizeInputs`. */
  readonly asymmetricInputs?: boolean;
  /** One weight left in float leaves them all in float. */
  readonly allOrNothing?: boolean;
}

type OptionsOf<N extends BuiltinName> = (typeof builtins)[N] extends {
  readonly options: infer T extends keyof OptionTables;
}
  ? OptionTables[T]
  : Record<string, never>;

/** Everything there is to know of one operator. Reader, writer, printer, folding and quantizer are generic over it. */
export interface OpSpec<N extends BuiltinName, I extends readonly string[], O extends readonly string[]> {
  readonly name: N;
  /** Argument names; `?` marks an optional one, `*` a list at the end. */
  readonly inputs: I;
  readonly outputs: O;
  /** Options where a new node's default is not the schema's, such as a stride of 1. */
  readonly defaults?: Partial<OptionsOf<N>>;
  /** The result may differ from run to run, or the operator has effects: never folded, merged or dropped for lack of readers. */
  readonly impure?: boolean;
  /** A node chooses the element type of its outputs; inference gives the usual one. */
  readonly choosesType?: boolean;
  /**
   * Options that files leave out because the types of the values say them, such as the types of a CAST. Readers fill them
   * in, so that a node's options always say what it computes.
   */
  implied?(inputs: readonly (ValueType | undefined)[], outputs: readonly ValueType[]): Options;
  readonly weights?: WeightRule;
  /** The kernels of LiteRT; absent: it has one for each type that it takes, and XNNPACK has none. */
  readonly litert?: LiteRtKernels;
  /**
   * Inputs that keep their contents between runs (variable tensors). The kernel gives their new contents after its
   * outputs, in this order.
   */
  readonly states?: readonly ArgName<I[number]>[];
  /** Operator version by the reference rules; 1 when absent. */
  version?(facts: VersionFacts): number;
  /**
   * Types of the outputs. Sizes that depend on data are -1. An empty list: nothing follows from the inputs, such as for
   * an operator whose outputs another graph defines.
   * @throws {ModelError} `invalid-graph` for inputs that cannot be.
   */
  infer(inputs: Args<I, KnownValue>, options: OptionsOf<N>): readonly ValueType[];
  /** Known elements of the outputs, for operators that compute shapes; undefined elements are unknown. */
  elements?(
    inputs: Args<I, KnownValue>,
    options: OptionsOf<N>,
  ): readonly (readonly (number | undefined)[] | undefined)[] | undefined;
  /**
   * The plain kernel: loops without cleverness. `types` are the inferred output types; outputs whose sizes depend on data
   * carry the actual ones.
   */
  reference?(call: ReferenceCall<I, OptionsOf<N>>): readonly Tensor[];
}

export interface ReferenceCall<I extends readonly string[], P> {
  readonly inputs: Args<I, Tensor>;
  readonly types: readonly OutputType[];
  readonly options: P;
  /** What integers inside the kernel stand for, where a file says it (only of LSTM layers). */
  readonly intermediates: readonly (OutputType | undefined)[];
}

/** The type of an output that a kernel computes; operators that quantize need its parameters. */
export interface OutputType extends ValueType {
  readonly quantization?: Quantization | undefined;
}

/** An operator as the generic code sees it: arguments and options by position and name, without their static types. */
export interface Op {
  readonly name: BuiltinName;
  readonly facts: BuiltinFacts;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly impure: boolean;
  /** A node chooses the element type of its outputs; inference gives the usual one. */
  readonly choosesType: boolean;
  /** Options that files leave out because the types of the values say them. */
  implied(inputs: readonly (ValueType | undefined)[], outputs: readonly ValueType[]): Options;
  readonly weights: WeightRule | undefined;
  readonly litert: LiteRtKernels | undefined;
  /** Indices of the inputs that keep their contents between runs. */
  readonly states: readonly number[];
  /** Schema defaults with the operator's own on top. */
  readonly defaults: Options;
  version(facts: VersionFacts): number;
  infer(inputs: readonly (KnownValue | undefined)[], options: Options): readonly ValueType[];
  elements(
    inputs: readonly (KnownValue | undefined)[],
    options: Options,
  ): readonly (readonly (number | undefined)[] | undefined)[] | undefined;
  /** Whether {@link elements} may know anything. */
  readonly tracksElements: boolean;
  /** Undefined when there is no reference kernel. Gives the outputs, then the new contents of the {@link states}. */
  readonly reference:
    | ((
        inputs: readonly (Tensor | undefined)[],
        types: readonly OutputType[],
        options: Options,
        intermediates?: readonly (OutputType | undefined)[],
      ) => readonly Tensor[])
    | undefined;
}

/** The schema defaults of an options table. */
export function schemaDefaults(table: keyof OptionTables | undefined): Options {
  if (!table) return {};
  const fields = tables[table] ?? [];
  return Object.fromEntries(
    fields.flatMap((f) => (f.default === undefined ? [] : [[f.name, f.default as OptionValue]])),
  );
}

const bareName = (argument: string): string => argument.replace(/[?*]$/, '');

/** Values by the names of the arguments, the rest of them as a list where the last one says so. */
function byName(names: readonly string[]): (values: readonly unknown[]) => Record<string, unknown> {
  const bare = names.map(bareName);
  const list = names.findIndex((name) => name.endsWith('*'));
  return (values) => {
    const args: Record<string, unknown> = {};
    for (let i = 0; i < bare.length; i++) args[bare[i] as string] = i === list ? values.slice(i) : values[i];
    return args;
  };
}

/** Makes an operator known; `npm run gen` collects every exported one into the index. */
export function defineOp<N extends BuiltinName, const I extends readonly string[], const O extends readonly string[]>(
  spec: OpSpec<N, I, O>,
): Op {
  const facts: BuiltinFacts = builtins[spec.name];
  const defaults = { ...schemaDefaults(facts.options), ...(spec.defaults as Options | undefined) };
  const typed = (options: Options) => ({ ...defaults, ...options }) as unknown as OptionsOf<N>;
  const named = byName(spec.inputs);
  const args = <T>(values: readonly (T | undefined)[]) => named(values) as unknown as Args<I, T>;
  return {
    name: spec.name,
    facts,
    inputs: spec.inputs,
    outputs: spec.outputs,
    impure: spec.impure ?? false,
    choosesType: spec.choosesType ?? false,
    implied: (inputs, outputs) => spec.implied?.(inputs, outputs) ?? {},
    weights: spec.weights,
    litert: spec.litert,
    states: (spec.states ?? []).map((state) => spec.inputs.findIndex((name) => bareName(name) === state)),
    defaults,
    version: (f) => spec.version?.({ ...f, options: { ...defaults, ...f.options } }) ?? 1,
    infer: (inputs, options) => spec.infer(args(inputs), typed(options)),
    elements: (inputs, options) => spec.elements?.(args(inputs), typed(options)),
    tracksElements: spec.elements !== undefined,
    reference: spec.reference
      ? (inputs, types, options, intermediates = []) =>
          (spec.reference as NonNullable<typeof spec.reference>)({
            inputs: args(inputs),
            types,
            options: typed(options),
            intermediates,
          })
      : undefined,
  };
}
