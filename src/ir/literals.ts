import { allocate, type DType, type TensorData } from './tensor.js';
import type { Token } from './tokens.js';

/** The number that a token of graph text stands for; `inf` and `nan` included. */
export function numberOf(text: string): number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  return text === 'nan' ? NaN : Number(text);
}

/** The bytes of `0x0aff`. */
export function bytesOf(text: string): Uint8Array {
  const pairs = text.slice(2).match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/**
 * The elements of a constant from their text; one for all when `isSplat`. Undefined when there are too few or too many, or
 * they are of another kind.
 */
export function dataFromTokens(
  dtype: DType,
  count: number,
  tokens: readonly Token[],
  isSplat: boolean,
): TensorData | undefined {
  const at = (i: number) => tokens[isSplat ? 0 : i] as Token;
  if (isSplat && tokens.length !== 1) return undefined;
  if (dtype === 'string') {
    if (!isSplat && tokens.length !== count) return undefined;
    return Array.from({ length: count }, (_, i) =>
      at(i).kind === 'bytes' ? bytesOf(at(i).text) : new TextEncoder().encode(at(i).text),
    );
  }
  const data = allocate(dtype, count);
  if (!isSplat && tokens.length !== data.length) return undefined;
  if (tokens.some((t) => t.kind === 'string')) return undefined;
  for (let i = 0; i < data.length; i++) {
    const { text, kind } = at(i);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      if (!/^-?\d+$/.test(text)) return undefined;
      data[i] = BigInt(text);
    } else data[i] = kind === 'bytes' ? Number(text) : numberOf(text);
  }
  return data;
}
