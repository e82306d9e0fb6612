import { parseFields } from './protobuf.js';

type Fields = ReturnType<typeof parseFields>;
/** A field of a message, with its number. */
export type Row = Fields extends Map<number, infer R> ? R & { readonly number: number } : never;

/** Deepest nesting of messages in the readable formats of protobuf. */
export const MAX_DEPTH = 64;

/** Gives the fields of a message by their names; each table is parsed once. */
export function rowsByName(tables: Readonly<Record<string, string>>): (message: string) => ReadonlyMap<string, Row> {
  const parsed = new Map<string, ReadonlyMap<string, Row>>();
  return (message) => {
    let rows = parsed.get(message);
    if (!rows) {
      const fields = [...parseFields(tables[message] as string)];
      rows = new Map(fields.map(([number, row]) => [row.name, { ...row, number }]));
      parsed.set(message, rows);
    }
    return rows;
  };
}
