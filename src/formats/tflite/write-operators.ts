import type { LaterBytes } from '../../bytes/flatbuffers.js';
import { ModelError } from '../../errors.js';
import type { Node } from '../../ir/graph.js';
import { findOp } from '../../ops/registry.js';
import { type BuiltinName, type Operator, type OperatorCode, tables } from '../../schema/tflite.gen.js';
import { unknownOf } from './document.js';
import { nodeExtra } from './extras.js';
import { builtinFacts, nodeVersion } from './versions.js';
import type { TensorIndex } from './write-tensors.js';

/** Custom options from this size on are written after the tables, as constants are. */
const LARGE_OPTIONS = 1 << 20;

/** Operator codes in the order of first use: one for each operator, custom code and version. */
export class OperatorCodes {
  readonly codes: OperatorCode[] = [];
  readonly #indices = new Map<string, number>();

  /** The index of a node's operator code. */
  of(node: Node): number {
    const facts = builtinFacts(node.op);
    if (!facts)
      throw new ModelError('invalid-graph', `a TFLite operator expected, got ${node.op}. Lower it first.`, {
        where: `${node.op} '${node.name}'`,
      });
    const version = nodeVersion(node);
    const key = `${facts.code}:${version}:${node.customCode ?? ''}`;
    let index = this.#indices.get(key);
    if (index === undefined) {
      index = this.codes.length;
      this.#indices.set(key, index);
      this.codes.push({
        deprecatedBuiltinCode: Math.min(facts.code, 127),
        builtinCode: node.op as BuiltinName,
        version,
        ...(node.customCode === undefined ? {} : { customCode: node.customCode }),
      });
    }
    return index;
  }
}

/** An operator whose custom options may be {@link LaterBytes}. */
export type OperatorTable = Omit<Operator, 'customOptions'> & { customOptions?: Uint8Array | LaterBytes | undefined };

/** The operator table of a node. */
export function operatorTable(node: Node, codes: OperatorCodes, indexOf: TensorIndex): OperatorTable {
  const extra = nodeExtra(node);
  const { customOptions } = node;
  return {
    ...unknownOf(extra),
    opcodeIndex: codes.of(node),
    inputs: node.inputs.map(indexOf),
    outputs: node.outputs.map(indexOf),
    ...extra.foreignOptions,
    ...builtinOptions(node),
    customOptions:
      customOptions && customOptions.length >= LARGE_OPTIONS
        ? { length: customOptions.length, read: () => customOptions }
        : customOptions,
    customOptionsFormat: extra.customOptionsFormat ?? 'FLEXBUFFERS',
    mutatingVariableInputs: extra.mutatingVariableInputs,
    intermediates: extra.intermediates?.map(indexOf),
    largeCustomOptionsOffset: 0n,
    largeCustomOptionsSize: 0n,
    debugMetadataIndex: extra.debugMetadataIndex ?? -1,
  };
}

/**
 * The options table in its union. Tables without fields say nothing and are left out, unless the file had them; a table
 * whose fields all have their defaults is written, since the runtime takes zeros where there is none.
 */
function builtinOptions(node: Node): Partial<Operator> {
  const facts = builtinFacts(node.op);
  if (!facts?.options || !facts.union) return {};
  const fields = tables[facts.options] ?? [];
  const { optionsTable = fields.length > 0 ? 'present' : 'absent' } = nodeExtra(node);
  const op = findOp(node.op);
  const options = { ...op?.defaults, ...node.options };
  const implied = op?.implied(node.inputs, node.outputs) ?? {};
  const usual = (name: string, value: unknown) => [undefined, value, implied[name]].includes(options[name] as never);
  if (optionsTable === 'absent' && fields.every((f) => usual(f.name, f.default))) return {};
  const union = { type: facts.options, value: options } as never;
  return facts.union === 'BuiltinOptions' ? { builtinOptions: union } : { builtinOptions2: union };
}
