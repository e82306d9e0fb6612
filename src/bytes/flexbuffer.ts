import { builder } from 'flatbuffers/js/flexbuffers.js';

/** A value of a FlexBuffer map. `float` marks numbers that stay floating point even when they are whole. */
export type FlexValue =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'list'; readonly value: readonly FlexValue[] };

/** The FlexBuffer bytes of a map, keys sorted: the usual form of a custom operator's options. */
export function flexBufferMap(entries: Readonly<Record<string, FlexValue>>): Uint8Array {
  const out = builder();
  const add = (item: FlexValue): void => {
    if (item.kind === 'int') out.addInt(item.value);
    else if (item.kind === 'float') out.addFloat(item.value);
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
