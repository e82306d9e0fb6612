import { nodeVersion } from '../../src/formats/tflite/index.js';
import type { Graph, Model, Node, OptionValue, Value } from '../../src/ir/graph.js';
import type { DType } from '../../src/ir/tensor.js';
import { findOp } from '../../src/ops/registry.js';
import { enums, tables } from '../../src/schema/tflite.gen.js';

/** One operator in the notation of test/data/observed-lowerings.json, taken apart. */
export interface Line {
  /** `[0] CONV_2D@v6`: subgraph where there are several, name, version where it is not 1. */
  readonly operator: string;
  /** `c:f32[4]`: operands with constness, type and shape. */
  readonly operands: readonly string[];
  readonly results: readonly string[];
  /** Elements of small constants, by operand. */
  readonly elements: readonly (readonly number[] | undefined)[];
  readonly options: Readonly<Record<string, number>>;
}

/** Defaults of these are left out of the records. */
const OMITTED = new Set([
  'quantizedBiasType',
  'potScaleInt16',
  'asymmetricQuantizeInputs',
  'weightsFormat',
  'newShape',
]);
const LONG_NAMES: Partial<Record<DType, string>> = { u8: 'uint8', c64: 'complex64', i8: 'int8' };

/** Every operator of a model, in order. */
export function describeModel(model: Model): Line[] {
  const many = model.graphs.length > 1;
  return model.graphs.flatMap((graph, i) => describeGraph(graph, many ? `[${i}] ` : ''));
}

function describeGraph(graph: Graph, prefix: string): Line[] {
  return [...graph.nodes()].map((node) => {
    const version = nodeVersion(node);
    const name = node.customCode === undefined ? node.op : `CUSTOM:${node.customCode}`;
    return {
      operator: `${prefix}${name}${version > 1 ? `@v${version}` : ''}`,
      operands: node.inputs.map(operand),
      results: node.outputs.map(operand),
      elements: node.inputs.map(elements),
      options: options(node),
    };
  });
}

function operand(value: Value | undefined): string {
  if (!value) return '-';
  return `${value.constant ? 'c:' : ''}${LONG_NAMES[value.dtype] ?? value.dtype}[${value.shape?.join(',') ?? ''}]`;
}

function elements(value: Value | undefined): readonly number[] | undefined {
  const constant = value?.constant;
  return constant && constant.count <= 8 && constant.dtype !== 'string' ? constant.numbers() : undefined;
}

/** Options as numbers: enum members by their number, booleans as 0 and 1. */
function options(node: Node): Record<string, number> {
  const op = findOp(node.op);
  const fields = tables[op?.facts.options ?? ''] ?? [];
  const all = { ...op?.defaults, ...node.options };
  return Object.fromEntries(
    fields.filter((f) => !OMITTED.has(f.name)).map((f) => [f.name, optionNumber(f.type, all[f.name])]),
  );
}

function optionNumber(type: string, value: OptionValue | undefined): number {
  return typeof value === 'string' ? (enums[type]?.values[value] ?? Number.NaN) : Number(value ?? 0);
}

/** A recorded line taken apart; options that it does not name have the schema's default. */
export function parseLine(text: string): Line {
  const [, head = '', inputs = '', rest = ''] = /^((?:\[\d+\] )?[\w:@]+)\((.*)\) -> (.*)$/.exec(text) ?? [];
  const [, outputs = '', optionText = ''] = /^(.*?)(?: \{(.*)\})?$/.exec(rest) ?? [];
  const operands = splitTensors(inputs);
  return {
    operator: head,
    operands: operands.map((t) => t.replace(/=.*/, '')),
    results: splitTensors(outputs),
    elements: operands.map((t) => /=\[(.*)\]/.exec(t)?.[1]?.split(',').map(Number)),
    options: Object.fromEntries(
      optionText
        .split(', ')
        .filter(Boolean)
        .map((pair) => {
          const [name = '', value = ''] = pair.replaceAll("'", '').split(': ');
          return [name, value === 'True' ? 1 : value === 'False' ? 0 : Number(value)];
        }),
    ),
  };
}

const splitTensors = (text: string): string[] => (text === '' ? [] : text.split(', '));

/** How two lists of operators differ, one line each; empty when they agree. `values` compares float constants too. */
export function differences(expected: readonly Line[], actual: readonly Line[], values: boolean): string[] {
  const found: string[] = [];
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const [want, got] = [expected[i], actual[i]];
    if (!want || !got || shapeText(want) !== shapeText(got)) {
      found.push(`${i}: expected ${want ? shapeText(want) : 'nothing'}, got ${got ? shapeText(got) : 'nothing'}`);
      continue;
    }
    found.push(...optionDifferences(want, got).map((text) => `${i}: ${want.operator} ${text}`));
    found.push(...valueDifferences(want, got, values).map((text) => `${i}: ${want.operator} ${text}`));
  }
  return found;
}

const shapeText = ({ operator, operands, results }: Line): string =>
  `${operator}(${operands.join(', ')}) -> ${results.join(', ')}`;

function optionDifferences(want: Line, got: Line): string[] {
  return Object.entries(want.options).flatMap(([name, value]) =>
    Math.abs((got.options[name] ?? Number.NaN) - value) < 1e-5
      ? []
      : [`${name}: expected ${value}, got ${got.options[name]}`],
  );
}

/** The records cut numbers after six digits. The shape operand of RESHAPE may leave a size open that another names. */
function valueDifferences(want: Line, got: Line, values: boolean): string[] {
  if (want.operator.endsWith('RESHAPE')) return [];
  return want.elements.flatMap((numbers, i) => {
    if (!numbers || (!values && want.operands[i]?.startsWith('c:f32'))) return [];
    const actual = got.elements[i];
    const isSame = numbers.every(
      (n, k) => Math.abs((actual?.[k] ?? Number.NaN) - n) <= 2e-6 * Math.max(1, Math.abs(n)),
    );
    return isSame ? [] : [`operand ${i}: expected [${numbers}], got [${actual}]`];
  });
}
