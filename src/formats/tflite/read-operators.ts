import type { Graph, Node, Options, Value } from '../../ir/graph.js';
import { Value as IrValue } from '../../ir/graph.js';
import { schemaDefaults } from '../../ops/define.js';
import { findOp } from '../../ops/registry.js';
import {
  type BuiltinFacts,
  builtins,
  enums,
  type Operator,
  type OperatorCode,
  type SubGraph,
} from '../../schema/tflite.gen.js';
import { malformed, type TfliteDocument, unknownOf } from './document.js';
import type { ForeignOptions, TfliteNodeExtra, TfliteValueExtra } from './extras.js';
import type { VersionRules } from './versions.js';

const opNames: ReadonlyMap<number, string> = new Map(Object.entries(builtins).map(([name, { code }]) => [code, name]));

/** Appends the operators of a graph as nodes, in their order. */
export function readOperators(
  document: TfliteDocument,
  table: SubGraph,
  graph: Graph,
  values: readonly Value[],
  rules: VersionRules | undefined,
): void {
  const operators = table.operators ?? [];
  const pending = new Set(operators.flatMap((o) => o.outputs ?? []).flatMap((i) => values[i] ?? []));
  for (const value of graph.inputs) if (pending.has(value)) throw computedTwice(document, table, value);
  for (const operator of operators) {
    const node = readOperator(document, operator, graph, values, pending, rules);
    if (node.op !== 'CUSTOM') checkGraphIndices(document, operator, node);
  }
}

function readOperator(
  document: TfliteDocument,
  operator: Operator,
  graph: Graph,
  values: readonly Value[],
  pending: Set<Value>,
  rules: VersionRules | undefined,
): Node {
  const codes = document.tables.operatorCodes ?? [];
  const code = codes[operator.opcodeIndex];
  if (!code)
    throw malformed(document, operator, `an operator code below ${codes.length} expected, got ${operator.opcodeIndex}`);
  const op = opName(document, code);
  const tensor = (index: number) => {
    if (index === -1) return undefined;
    const value = values[index];
    if (!value) throw malformed(document, operator, `${op}: a tensor below ${values.length} expected, got ${index}`);
    return value;
  };
  const inputs = (operator.inputs ?? []).map((index) => {
    const value = tensor(index);
    if (value && pending.has(value))
      throw malformed(document, operator, `${op} reads tensor '${value.name}' before it is computed`);
    return value;
  });
  const outputs = (operator.outputs ?? []).map((index) => {
    const value = tensor(index) ?? absentOutput();
    if (value.producer || value.constant || value.isVariable) throw computedTwice(document, operator, value);
    pending.delete(value);
    return value;
  });
  if (new Set(outputs).size < outputs.length) throw computedTwice(document, operator, outputs[0] as Value);
  const { options: stored, extra } = readOptions(op, operator);
  const options = extra.optionsTable === 'present' ? stored : { ...stored, ...findOp(op)?.implied(inputs, outputs) };
  const intermediates = operator.intermediates?.map(tensor);
  const node = graph.append({
    op,
    name: outputs[0]?.name ?? '',
    inputs,
    outputs,
    options,
    ...(code.customCode === undefined ? {} : { customCode: code.customCode }),
    ...customOptions(document, operator),
  });
  const { customOptionsFormat: format } = operator;
  const all: TfliteNodeExtra = {
    ...unknownOf(operator),
    ...extra,
    ...(typeof format === 'number' ? { customOptionsFormat: format } : {}),
    ...(operator.mutatingVariableInputs ? { mutatingVariableInputs: operator.mutatingVariableInputs } : {}),
    ...(intermediates ? { intermediates } : {}),
    ...(operator.debugMetadataIndex === -1 ? {} : { debugMetadataIndex: operator.debugMetadataIndex }),
    ...(rules && { version: { stored: code.version, rule: rules.version(node) } }),
  };
  node.extra = all;
  return node;
}

function computedTwice(document: TfliteDocument, table: object, value: Value): Error {
  return malformed(
    document,
    table,
    `tensor '${value.name}' expected as the output of one operator, but it is an input, a constant or another's output`,
  );
}

/** A value for an output that the operator does not give: index -1 in the file. */
function absentOutput(): Value {
  const value = new IrValue('', 'f32', undefined);
  value.extra = { absent: true } satisfies TfliteValueExtra;
  return value;
}

function opName(document: TfliteDocument, code: OperatorCode): string {
  const { builtinCode, deprecatedBuiltinCode } = code;
  const number = typeof builtinCode === 'number' ? builtinCode : (enums.BuiltinOperator?.values[builtinCode] ?? 0);
  const name = opNames.get(Math.max(number, deprecatedBuiltinCode));
  if (name === undefined)
    throw malformed(
      document,
      code,
      `a known operator expected, got code ${number}. The file may be of a newer version.`,
    );
  return name;
}

function readOptions(op: string, operator: Operator): { options: Options; extra: TfliteNodeExtra } {
  const facts = (builtins as Readonly<Record<string, BuiltinFacts>>)[op] as BuiltinFacts;
  const { builtinOptions, builtinOptions2 } = operator;
  const own = facts.union === 'BuiltinOptions2' ? builtinOptions2 : builtinOptions;
  const isOwn = own !== undefined && own.type === facts.options;
  const foreign: ForeignOptions = {
    ...(builtinOptions && !(isOwn && own === builtinOptions) ? { builtinOptions } : {}),
    ...(builtinOptions2 && !(isOwn && own === builtinOptions2) ? { builtinOptions2 } : {}),
  };
  const options = isOwn ? (own.value as unknown as Options) : schemaDefaults(facts.options);
  const extra: TfliteNodeExtra = {
    ...(facts.options ? { optionsTable: isOwn ? ('present' as const) : ('absent' as const) } : {}),
    ...(Object.keys(foreign).length > 0 ? { foreignOptions: foreign } : {}),
  };
  return { options, extra };
}

function customOptions({ source }: TfliteDocument, operator: Operator): { customOptions?: Uint8Array } {
  const { largeCustomOptionsOffset: offset, largeCustomOptionsSize: size } = operator;
  const bytes = offset > 1n ? source.read(Number(offset), Number(size)) : operator.customOptions;
  return bytes ? { customOptions: bytes } : {};
}

/** Options that name graphs: those of control flow, by the names of their fields. */
function checkGraphIndices(document: TfliteDocument, operator: Operator, node: Node): void {
  const graphs = document.tables.subgraphs?.length ?? 0;
  for (const [field, value] of Object.entries(node.options)) {
    if (!/subgraph(Ind(ex|ices))?$/i.test(field)) continue;
    for (const index of [value].flat() as number[])
      if (!(index >= 0 && index < graphs))
        throw malformed(document, operator, `${node.op}: a graph below ${graphs} expected as ${field}, got ${index}`);
  }
}
