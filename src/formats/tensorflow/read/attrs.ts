import { type Origin, place } from '../../../bytes/protobuf.js';
import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import type { AttrValue } from '../../../schema/tensorflow.gen.js';
import type { TfAttrs, TfAttrValue, TfOpFacts } from '../graph.js';
import { decode, dtypeOf, shapeOf } from './protos.js';
import { constantOfProto } from './tensor-proto.js';

type Kind = TfAttrValue['kind'];
type ValueOf<K extends Kind> = Extract<TfAttrValue, { kind: K }>['value'];

/** What attributes are made of: serialized values of the file, and values that replace them. */
export interface AttrParts {
  /** For messages: the operation and the node, `Conv2D 'model/conv'`. */
  readonly where: string;
  readonly origin: Origin;
  /** Name -> serialized `AttrValue`. */
  readonly encoded: ReadonlyMap<string, Uint8Array>;
  /** Values that come before the file's; undefined removes one. */
  readonly changed?: ReadonlyMap<string, TfAttrValue | undefined>;
  /** Gives the defaults. */
  readonly facts: TfOpFacts | undefined;
}

const decoder = new TextDecoder();
const text = (bytes: Uint8Array): string => decoder.decode(bytes);
const same = <T>(v: T): T => v;

/** Attributes over the file's bytes: a value is decoded when asked for, and then kept. A class, for there are many. */
class NodeAttrs implements TfAttrs {
  readonly #parts: AttrParts;
  readonly #kept = new Map<string, TfAttrValue | undefined>();

  constructor(parts: AttrParts) {
    this.#parts = parts;
  }

  get names(): readonly string[] {
    const { encoded, changed } = this.#parts;
    const all = new Set([...encoded.keys(), ...(changed?.keys() ?? [])]);
    return [...all].filter((name) => !changed?.has(name) || changed.get(name) !== undefined);
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  value(name: string): TfAttrValue | undefined {
    const { encoded, changed, facts, origin } = this.#parts;
    if (changed?.has(name)) return changed.get(name);
    if (this.#kept.has(name)) return this.#kept.get(name);
    const bytes = encoded.get(name);
    const found = bytes ? attrValue(bytes, origin, facts?.attrs.get(name)?.type) : facts?.attrs.get(name)?.default;
    this.#kept.set(name, found);
    return found;
  }

  encoded(name: string): Uint8Array | undefined {
    return this.#parts.changed?.has(name) ? undefined : this.#parts.encoded.get(name);
  }

  int(name: string, fallback?: number): number {
    return Number(this.#need(name, 'int', fallback));
  }
  float(name: string, fallback?: number): number {
    return this.#need(name, 'float', fallback);
  }
  bool(name: string, fallback?: boolean): boolean {
    return this.#need(name, 'bool', fallback);
  }
  string(name: string, fallback?: string): string {
    return fallback !== undefined && !this.value(name) ? fallback : text(this.#need(name, 'string'));
  }
  type(name: string, fallback?: DType): DType {
    return this.#need(name, 'type', fallback);
  }
  shape(name: string): Shape | undefined {
    return this.#need(name, 'shape');
  }
  tensor(name: string): Constant {
    return this.#need(name, 'tensor');
  }
  func(name: string): string {
    return this.#need(name, 'func');
  }
  ints(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#list(name, 'int', fallback, Number);
  }
  floats(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#list(name, 'float', fallback, same);
  }
  bools(name: string, fallback?: readonly boolean[]): readonly boolean[] {
    return this.#list(name, 'bool', fallback, same);
  }
  strings(name: string, fallback?: readonly string[]): readonly string[] {
    return this.#list(name, 'string', fallback, text);
  }
  types(name: string, fallback?: readonly DType[]): readonly DType[] {
    return this.#list(name, 'type', fallback, same);
  }
  shapes(name: string): readonly (Shape | undefined)[] {
    return this.#list(name, 'shape', undefined, same);
  }
  funcs(name: string): readonly string[] {
    return this.#list(name, 'func', undefined, same);
  }

  #need<K extends Kind>(name: string, kind: K, fallback?: ValueOf<K>): ValueOf<K> {
    const found = this.value(name);
    if (!found && fallback !== undefined) return fallback as unknown as ValueOf<K>;
    if (found?.kind === kind) return found.value as unknown as ValueOf<K>;
    throw wrongKind(this.#parts.where, name, kind, found);
  }

  #list<K extends Kind, T>(name: string, kind: K, fallback: readonly T[] | undefined, map: (v: ValueOf<K>) => T) {
    const found = this.value(name);
    if (!found && fallback !== undefined) return fallback;
    if (found?.kind !== 'list') throw wrongKind(this.#parts.where, name, 'list', found);
    return found.value.map((v) => {
      if (v.kind !== kind) throw wrongKind(this.#parts.where, name, kind, v);
      return map(v.value as ValueOf<K>);
    });
  }
}

/** Attributes over the file's bytes; see {@link AttrParts}. */
export const makeAttrs = (parts: AttrParts): TfAttrs => new NodeAttrs(parts);

/** Attributes over values in memory, for nodes that reading makes. */
export const attrsOf = (
  where: string,
  values: Readonly<Record<string, TfAttrValue>>,
  facts: TfOpFacts | undefined,
): TfAttrs =>
  makeAttrs({
    where,
    origin: { name: where, byteOffset: 0 },
    encoded: new Map(),
    changed: new Map(Object.entries(values)),
    facts,
  });

function wrongKind(where: string, name: string, kind: Kind, found: TfAttrValue | undefined): ModelError {
  const got = found ? `is of kind ${found.kind}` : 'is missing';
  return new ModelError('invalid-graph', `attribute '${name}' of kind ${kind} expected, it ${got}.`, { where });
}

/** The value that a serialized `AttrValue` holds. `type` is the operation's declaration: it tells empty lists apart. */
export function attrValue(bytes: Uint8Array, origin: Origin, type?: string): TfAttrValue | undefined {
  const where = place(origin, bytes);
  const proto = decode('AttrValue', bytes, origin);
  if (proto.list) return { kind: 'list', value: listValues(proto.list, where, origin) };
  return singleValue(proto, where, origin) ?? (type?.startsWith('list(') ? { kind: 'list', value: [] } : undefined);
}

function singleValue(proto: AttrValue, where: string, origin: Origin): TfAttrValue | undefined {
  if (proto.type !== undefined) return { kind: 'type', value: dtypeOf(proto.type, where) };
  if (proto.i !== undefined) return { kind: 'int', value: proto.i };
  if (proto.s !== undefined) return { kind: 'string', value: proto.s };
  if (proto.b !== undefined) return { kind: 'bool', value: proto.b };
  if (proto.f !== undefined) return { kind: 'float', value: proto.f };
  if (proto.shape) return { kind: 'shape', value: shapeOf(proto.shape, where) };
  if (proto.tensor) return { kind: 'tensor', value: constantOfProto(proto.tensor, origin) };
  if (proto.func) return { kind: 'func', value: proto.func.name };
  if (proto.placeholder !== undefined)
    throw new ModelError('unsupported', `attributes bound at the call ('${proto.placeholder}') cannot be handled.`, {
      where,
    });
  return undefined;
}

function listValues(list: NonNullable<AttrValue['list']>, where: string, origin: Origin): TfAttrValue[] {
  return [
    ...list.i.map((value): TfAttrValue => ({ kind: 'int', value })),
    ...list.f.map((value): TfAttrValue => ({ kind: 'float', value })),
    ...list.b.map((value): TfAttrValue => ({ kind: 'bool', value })),
    ...list.s.map((value): TfAttrValue => ({ kind: 'string', value })),
    ...list.type.map((value): TfAttrValue => ({ kind: 'type', value: dtypeOf(value, where) })),
    ...list.shape.map((value): TfAttrValue => ({ kind: 'shape', value: shapeOf(value, where) })),
    ...list.tensor.map((value): TfAttrValue => ({ kind: 'tensor', value: constantOfProto(value, origin) })),
    ...list.func.map(({ name }): TfAttrValue => ({ kind: 'func', value: name })),
  ];
}
