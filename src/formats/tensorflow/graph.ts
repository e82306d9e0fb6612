import type { ByteSource } from '../../bytes/source.js';
import type { Constant } from '../../ir/constant.js';
import type { DType, Shape } from '../../ir/tensor.js';

/**
 * A flat TensorFlow graph: the interface between reading (`read/`) and lowering (`lower/`).
 *
 * "Flat" means: function calls are inlined; variables that no reachable node writes are constants; control edges,
 * assertions, prints and identities are gone; branches on constant predicates are chosen.
 */

/** Output `index` of `node`. */
export interface TfTensorRef {
  readonly node: TfNode;
  readonly index: number;
}

/** One operation of a flat graph. */
export interface TfNode {
  /**
   * Unique in the graph and its library, except that a constant or handle used in several functions has one name.
   * Calls that were inlined prefix it as a path: `model/conv/Conv2D`.
   */
  readonly name: string;
  /** TensorFlow's name of the operation: `Conv2D`, `Const`, `Placeholder`. */
  readonly op: string;
  /** Data inputs only. */
  readonly inputs: readonly TfTensorRef[];
  readonly attrs: TfAttrs;
  /** The elements of a `Const` (frozen variables are `Const` too); for a `VarHandleOp`, the initial value. */
  readonly value?: Constant;
  /** Type of each output; undefined when neither the model nor the registry knows the operation. */
  readonly outputTypes?: readonly DType[];
  /** What the file says of the outputs' shapes: a hint, `undefined` entries have unknown rank. */
  readonly outputShapes?: readonly (Shape | undefined)[];
}

/** An attribute's value as a tagged union; `types` are names of {@link DType}, an undefined shape has unknown rank. */
export type TfAttrValue =
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: Uint8Array }
  | { readonly kind: 'type'; readonly value: DType }
  | { readonly kind: 'shape'; readonly value: Shape | undefined }
  | { readonly kind: 'tensor'; readonly value: Constant }
  | { readonly kind: 'func'; readonly value: string }
  | { readonly kind: 'list'; readonly value: readonly TfAttrValue[] };

/**
 * Attributes of a node, with the defaults that SavedModels leave out filled in. Every getter throws a
 * {@link ModelError} `invalid-graph` naming node and attribute when it is of another kind, or is absent and neither
 * the operation nor `fallback` gives a default.
 */
export interface TfAttrs {
  /** Names of the attributes the file holds; defaults are not listed. */
  readonly names: readonly string[];
  /** Whether the file holds the attribute or the operation has a default for it. */
  has(name: string): boolean;
  int(name: string, fallback?: number): number;
  float(name: string, fallback?: number): number;
  bool(name: string, fallback?: boolean): boolean;
  /** Decoded as UTF-8. */
  string(name: string, fallback?: string): string;
  type(name: string, fallback?: DType): DType;
  /** Undefined for a shape of unknown rank; sizes of -1 are unknown. */
  shape(name: string): Shape | undefined;
  tensor(name: string): Constant;
  /** Name of the function: a key of the graph's `library`. */
  func(name: string): string;
  ints(name: string, fallback?: readonly number[]): readonly number[];
  floats(name: string, fallback?: readonly number[]): readonly number[];
  bools(name: string, fallback?: readonly boolean[]): readonly boolean[];
  strings(name: string, fallback?: readonly string[]): readonly string[];
  types(name: string, fallback?: readonly DType[]): readonly DType[];
  shapes(name: string): readonly (Shape | undefined)[];
  funcs(name: string): readonly string[];
  /** The value (default included) whatever its kind; undefined when there is none. */
  value(name: string): TfAttrValue | undefined;
  /** The serialized `AttrValue` message as it stands in the file; undefined for defaults and changed attributes. */
  encoded(name: string): Uint8Array | undefined;
}

/** An input or output of a signature. */
export interface TfPort {
  /** The signature's own name for it: `x`, `output_0`. */
  readonly name: string;
  /** Its tensor in the original graph: `serving_default_x:0`, `StatefulPartitionedCall:0`. */
  readonly tensorName: string;
  /** For inputs, a `Placeholder` node of the flat graph. */
  readonly ref: TfTensorRef;
  readonly dtype: DType;
  /** Undefined when the rank is unknown. */
  readonly shape: Shape | undefined;
}

/**
 * The interface of a graph. `inputs` follow the arguments of the wrapped function where they can be traced, else the
 * order of the placeholders in the file; `outputs` are sorted by name, digits as numbers (`output_2` before
 * `output_10`).
 */
export interface TfSignature {
  readonly key: string;
  readonly inputs: readonly TfPort[];
  readonly outputs: readonly TfPort[];
}

/** A function that a `While`, `If` or `Case` node still refers to, made flat in the same way and self-contained. */
export interface TfFunction {
  readonly name: string;
  /** One `Placeholder` node (attribute `dtype`) for each operand of the node that calls it. */
  readonly args: readonly TfNode[];
  /** In topological order; includes `args`. */
  readonly nodes: readonly TfNode[];
  readonly results: readonly TfTensorRef[];
  /** Nodes that write variables, in order of execution. */
  readonly effects: readonly TfNode[];
}

/** The flat graph of one signature. */
export interface TfGraph {
  readonly signature: TfSignature;
  /**
   * Ancestors of the outputs and effects, and all inputs, in topological order (legacy loops: the edge out of a
   * `NextIteration` points backwards). Reads and writes of variables stand in order of execution.
   */
  readonly nodes: readonly TfNode[];
  /** Nodes that write variables, in order of execution; empty for most models. */
  readonly effects: readonly TfNode[];
  /** Functions that `While`, `If` and `Case` nodes refer to, by name. Each belongs to one place of use. */
  readonly library: ReadonlyMap<string, TfFunction>;
  /**
   * Initialization of lookup tables: nodes in topological order ending in `InitializeTable*`/`LookupTableImport*`
   * nodes. A table's handle is the node of the same name as in `nodes`.
   */
  readonly initializer: readonly TfNode[];
}

/** What was read: one flat graph per chosen signature. Constants are shared between them. */
export interface TfModel {
  readonly kind: 'saved-model' | 'graph-def' | 'meta-graph' | 'graph-model';
  readonly name: string;
  /** TensorFlow version that wrote the file; empty when unknown. */
  readonly producer: string;
  readonly tags: readonly string[];
  readonly graphs: readonly TfGraph[];
  /** Keys of all signatures in the file that can be called, chosen or not. */
  readonly signatureKeys: readonly string[];
  /**
   * Opens an asset. Graphs hold an asset as a scalar string `Const` with its path in the model's folder, such as
   * `assets/vocabulary.txt`.
   */
  readonly openAsset: (path: string) => ByteSource | undefined;
}

/** Facts about an operation: its definition in the model, or in the registry. */
export interface TfOpFacts {
  readonly name: string;
  readonly inputs: readonly TfArgFacts[];
  readonly outputs: readonly TfArgFacts[];
  /** Attribute name -> type (`int`, `list(shape)`, `func`) and default; no default: required. */
  readonly attrs: ReadonlyMap<string, { readonly type: string; readonly default?: TfAttrValue }>;
  /** Has side effects, or gives another result each time. */
  readonly stateful: boolean;
  /** On the allow list of Select TF operators. */
  readonly flex: boolean;
}

/** One argument of an operation; it stands for several tensors when `number` or `list` names an attribute. */
export interface TfArgFacts {
  readonly name: string;
  /** A fixed type, or the attribute that holds the type, or (`list`) the list of types. */
  readonly type: DType | undefined;
  readonly typeAttr?: string;
  readonly numberAttr?: string;
  readonly listAttr?: string;
}

/** Which signatures of a SavedModel to read and how. */
export interface ReadSavedModelOptions {
  /** The tag set of the wanted graph; default `['serve']`, or the only graph there is. */
  readonly tags?: readonly string[];
  /** Signature keys; `all` are those that can be called. Default: `serving_default` when there is one, else all. */
  readonly signatures?: readonly string[] | 'all';
  /** Shapes for inputs, by logical name or tensor name (`x`, `serving_default_x:0`). */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
  /** Inner tensors at which the graph begins or ends, by names of the flat graph. One signature only. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
}

/** Where a GraphDef or MetaGraphDef begins and ends. */
export interface ReadGraphDefOptions {
  /** Input tensors, `name` or `name:index`; an inner node is cut there. Default: the placeholders. */
  readonly inputs?: readonly string[];
  /** Output tensors. Default: the nodes nothing reads. */
  readonly outputs?: readonly string[];
  /** Shapes for inputs, by name. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
}
