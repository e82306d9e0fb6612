import { builder } from 'flatbuffers/js/flexbuffers.js';

/** A value of a FlexBuffer map. `float` marks numbers that stay floating point even when they are whole. */
export type FlexValue =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'list'; readonly value: readonly FlexValue[] };

/** Whether a number takes eight bytes. */
const isWide = (item: FlexValue): boolean => {
  if (item.kind === 'list') return item.value.some(isWide);
  if (item.kind === 'int') return item.value !== (item.value | 0);
  return item.kind === 'float' && item.value !== Math.fround(item.value);
};

/** The FlexBuffer bytes of a map, keys sorted: the usual form of a custom operator's options. */
export function flexBufferMap(entries: Readonly<Record<string, FlexValue>>): Uint8Array {
  const out = builder();
  // All values of a map are as wide as the widest, while the library writes a short float in its own width: apart from
  // the others it has that.
  const isApart = Object.values(entries).some(isWide);
  const add = (item: FlexValue): void => {
    if (item.kind === 'int') out.addInt(item.value);
    else if (item.kind === 'float') out.addFloat(item.value, isApart);
    else if (item.kind !== 'list') out.add(item.value);
    else {
      out.startVector();
      for (const element of item.value) add(element);
      out.end();
    }
  };
  out.startMap();
  for (const key of Object.keys(entries).sort()) {
    out.addKey(key);
    add(entries[key] as FlexValue);
  }
  out.end();
  return out.finish();
}
