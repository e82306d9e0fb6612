import { type FlatbufferField, type FlatbufferSchema, scalars } from './flatbuffers.js';

type Enums = FlatbufferSchema['enums'];
type Unions = FlatbufferSchema['unions'];

/** Names numbered from 0 on, `NAME=7` from there on. */
export function enumOf(size: number, text: string): Enums[string] {
  let next = 0;
  const entries = text.split(' ').map((item) => {
    const [name = '', number] = item.split('=');
    next = number === undefined ? next : Number(number);
    return [name, next++] as const;
  });
  return { size, values: Object.fromEntries(entries) };
}

/** Tables that are members of a union by their own names, numbered from 1 on. */
export const unionOf = (text: string): Unions[string] =>
  Object.fromEntries(text.split(' ').map((name, i) => [name, [i + 1, name] as const]));

/**
 * Tables in lines of `Name: field type, field [type]=default`. Fields have the slots in their order, a union two of them.
 * Numbers are 0, bools false and enums their first name by default, `!` marks a field without a default; `^16` aligns the
 * elements of a vector.
 */
export function tablesOf(enums: Enums, unions: Unions, text: string): FlatbufferSchema['tables'] {
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [name = '', fields = ''] = line.split(':');
        let slot = 0;
        const read = fields
          .split(',')
          .filter((field) => field !== '')
          .map((field) => {
            const made = fieldOf(enums, unions, field.trim(), slot);
            slot = made.slot + 1;
            return made;
          });
        return [name, read];
      }),
  );
}

const FIELD = /^(\w+) (\[)?(\w+)\]?(?:\^(\d+))?(!)?(?:=(.+))?$/;

function fieldOf(enums: Enums, unions: Unions, text: string, slot: number): FlatbufferField {
  const [, name = '', bracket, type = '', align, none, value] = FIELD.exec(text) ?? [];
  const one = scalars[type] ? 'scalar' : enums[type] ? 'enum' : type === 'string' ? 'string' : 'table';
  if (unions[type]) return { name, slot: slot + 1, kind: 'union', type, typeSlot: slot };
  if (bracket) return { name, slot, kind: `${one}s`, type, ...(align !== undefined && { align: Number(align) }) };
  const hasDefault = !none && (one === 'scalar' || one === 'enum');
  const names = enums[type]?.values;
  return {
    name,
    slot,
    kind: one,
    type,
    ...(hasDefault && { default: names ? (value ?? firstOf(names)) : defaultOf(type, value) }),
  };
}

const firstOf = (names: object): string => Object.keys(names)[0] as string;

function defaultOf(type: string, text = '0'): number | boolean | bigint {
  if (type === 'bool') return text === 'true';
  return type === 'int64' || type === 'uint64' ? BigInt(text) : Number(text);
}
