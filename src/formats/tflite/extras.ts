/** What a `.tflite` holds beyond the IR: kept in the `extra` bags of model, graphs, nodes, values and quantization. */
import type { UnknownReport } from '../../bytes/flatbuffer-reader.js';
import type { LaterBytes, UnknownField, unknownFields } from '../../bytes/flatbuffers.js';
import type { Graph, Model, Node, Quantization, Value } from '../../ir/graph.js';
import type { Shape } from '../../ir/tensor.js';
import type {
  CustomQuantization,
  ExternalBuffer,
  ExternalBufferGroup,
  Operator,
  VariantSubType,
} from '../../schema/tflite.gen.js';
import type { Appended } from './appended.js';

/** Fields of a newer schema that are written back as they were. */
type Unknown = { readonly [unknownFields]?: readonly UnknownField[] };

export type TfliteModelExtra = Unknown & {
  /** Schema version of the file, usually 3. */
  readonly version?: number;
  /** The least runtime by the rules of the operators as read: while it stays, the metadata stays as it was. */
  readonly minRuntime?: string;
  readonly externalBufferGroups?: readonly ExternalBufferGroup[];
  readonly externalBuffers?: readonly ExternalBuffer[];
  /** Buffers listed in the old field `metadata_buffer`. */
  readonly metadataBuffers?: readonly Uint8Array[];
  /** Buffers with contents that nothing refers to. */
  readonly looseBuffers?: readonly LaterBytes[];
  /** Bytes after the model, such as the zip of associated files, and where they began. */
  readonly appended?: Appended;
  /** The file says of no tensor that its rank is known. */
  readonly ranksUnsaid?: boolean;
  /** Tags that old files give signatures, by key. */
  readonly signatureTags?: Readonly<Record<string, string>>;
  /** Fields of a newer schema, kept or lost. */
  readonly unknownFields?: readonly UnknownReport[];
};

export type TfliteGraphExtra = Unknown & {
  /** The tensors in the order of the file. */
  readonly tensors?: readonly Value[];
  /** Those of them that nothing in the file refers to. */
  readonly unreferenced?: readonly Value[];
  /** The nodes as read, when metadata of the model speaks of them by number. */
  readonly nodes?: readonly Node[];
  /** The file gives the graph no name. */
  readonly unnamed?: boolean;
  readonly debugMetadataIndex?: number;
};

/** An options table beside, or instead of, the one that belongs to the operator. */
export type ForeignOptions = Pick<Operator, 'builtinOptions' | 'builtinOptions2'>;

export type TfliteNodeExtra = Unknown & {
  /** Operator version in the file, and what the rules gave for the node as read: while they give that, it stays. */
  readonly version?: { readonly stored: number; readonly rule: number };
  /** Whether the file holds an options table for the node. */
  readonly optionsTable?: 'present' | 'absent';
  readonly foreignOptions?: ForeignOptions;
  readonly customOptionsFormat?: number;
  readonly mutatingVariableInputs?: readonly boolean[];
  /** Tensors that only describe the inside of the node; undefined: none at that place. */
  readonly intermediates?: readonly (Value | undefined)[];
  readonly debugMetadataIndex?: number;
};

export type TfliteValueExtra = Unknown & {
  /** The file does not say that the rank is known, though it is, and says so of other tensors. */
  readonly rankUnsaid?: boolean;
  /** Sizes that the file gives instead of 1 where the shape has -1. */
  readonly fixedShape?: Shape;
  /** Shape signature of a constant, which has its static shape here. */
  readonly signature?: Shape;
  readonly variantTensors?: readonly VariantSubType[];
  /** Id of an entry of `externalBuffers` that holds the elements. */
  readonly externalBuffer?: number;
  /** Recorded range of a value that is not quantized, and its axis. */
  readonly range?: { readonly min?: readonly number[]; readonly max?: readonly number[]; readonly axis: number };
  /** Stands for an output that an operator does not give. */
  readonly absent?: boolean;
};

export type TfliteQuantizationExtra = Unknown & {
  readonly min?: readonly number[];
  readonly max?: readonly number[];
  readonly details?: QuantizationDetails;
};

/** Scales and zero points in tensors of their own; undefined: none. */
export type QuantizationDetails =
  | { readonly type: 'CustomQuantization'; readonly value: CustomQuantization }
  | {
      readonly type: 'BlockwiseQuantization';
      readonly scales: Value | undefined;
      readonly zeroPoints: Value | undefined;
      /** Elements that share a scale, along the last axis. */
      readonly blockSize: number;
    }
  | {
      readonly type: 'MultiAxisQuantization';
      readonly scales: Value | undefined;
      readonly zeroPoints: Value | undefined;
      readonly blockSize: number;
      readonly quantizedDimensions: readonly number[];
    };

export const modelExtra = (model: Model): TfliteModelExtra => (model.extra ?? {}) as TfliteModelExtra;
export const graphExtra = (graph: Graph): TfliteGraphExtra => (graph.extra ?? {}) as TfliteGraphExtra;
export const nodeExtra = (node: Node): TfliteNodeExtra => (node.extra ?? {}) as TfliteNodeExtra;
export const valueExtra = (value: Value): TfliteValueExtra => (value.extra ?? {}) as TfliteValueExtra;
export const quantizationExtra = (quantization: Quantization | undefined): TfliteQuantizationExtra =>
  (quantization?.extra ?? {}) as TfliteQuantizationExtra;
