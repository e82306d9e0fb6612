import { Constant } from '../../../ir/constant.js';
import type { DType } from '../../../ir/tensor.js';
import { operators } from '../../../schema/tensorflow.gen.js';
import type { TfArgFacts, TfAttrValue, TfOpFacts } from '../graph.js';
import { dtypeOfName } from './protos.js';

/** Operator name -> its line of the registry; made on first use. */
let lines: Map<string, string> | undefined;
const known = new Map<string, TfOpFacts>();

/** What TensorFlow's registry says of an operation; undefined when it is not there. */
export function findOp(name: string): TfOpFacts | undefined {
  lines ??= new Map(operators.split('\n').map((line) => [line.slice(0, line.indexOf('\t')), line]));
  const line = lines.get(name);
  if (line === undefined) return undefined;
  let facts = known.get(name);
  if (!facts) {
    facts = parseOp(line);
    known.set(name, facts);
  }
  return facts;
}

function parseOp(line: string): TfOpFacts {
  const [name, inputs, outputs, attrs, flags] = line.split('\t') as [string, string, string, string, string];
  const words = (text: string): string[] => (text === '' ? [] : text.split(' '));
  const types = new Set(words(attrs).map((a) => a.slice(0, a.indexOf(':'))));
  return {
    name,
    inputs: words(inputs).map((a) => parseArg(a, types)),
    outputs: words(outputs).map((a) => parseArg(a, types)),
    attrs: new Map(words(attrs).map(parseAttr)),
    stateful: flags.includes('s'),
    flex: flags.includes('f'),
  };
}

/** `name:T`, `name:float`, `name:T:*N` or `name:list:T`. */
function parseArg(text: string, attrs: ReadonlySet<string>): TfArgFacts {
  const [name, second, third] = text.split(':') as [string, string, string | undefined];
  if (second === 'list') return { name, type: undefined, listAttr: third as string };
  return {
    name,
    type: attrs.has(second) ? undefined : dtypeOfName(second),
    ...(attrs.has(second) ? { typeAttr: second } : {}),
    ...(third ? { numberAttr: third.slice(1) } : {}),
  };
}

function parseAttr(text: string): [string, { type: string; default?: TfAttrValue }] {
  const [, name, type, value] = /^(\w+):([^=]+)(?:=(.*))?$/.exec(text) as unknown as [string, string, string, string?];
  return [name, value === undefined ? { type } : { type, default: parseDefault(type, JSON.parse(value)) }];
}

const encoder = new TextEncoder();

function parseDefault(type: string, value: unknown): TfAttrValue {
  const element = /^list\((\w+)\)$/.exec(type)?.[1];
  if (element) return { kind: 'list', value: (value as unknown[]).map((v) => parseDefault(element, v)) };
  switch (type) {
    case 'int':
    case 'float':
      return { kind: type, value: value as number };
    case 'bool':
      return { kind: 'bool', value: value as boolean };
    case 'type':
      return { kind: 'type', value: dtypeOfName(value as string) as DType };
    case 'shape':
      return { kind: 'shape', value: value === 'unknown_rank' ? undefined : (value as number[]) };
    case 'tensor':
      return { kind: 'tensor', value: Constant.f32([]) };
    default:
      return { kind: 'string', value: encoder.encode(value as string) };
  }
}
