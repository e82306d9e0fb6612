import { when } from '../../wasm/code.js';
import { i32, memoryCopy } from '../../wasm/instructions.js';
import { call, type Func, type Local, type WasmModule } from '../../wasm/module.js';
import { loadClamped } from './indices.js';

/** Writing a tensor over a part of another one. */
export interface UpdateSpec {
  /** For each axis the last position where the update fits, and the bytes from one index to the next. */
  readonly axes: readonly { readonly limit: number; readonly bytes: number }[];
  /** Bytes of the whole. */
  readonly bytes: number;
  readonly indexBytes: 4 | 8;
  /** Copies the update to where it starts, a {@link emitCopy}, and its units. */
  readonly copy: Func;
  readonly units: number;
}

/**
 * Writes `(whole, update, start, out, from, to)`: the whole, unless it is `out` itself, and the update over it; a single
 * unit.
 */
export function emitUpdate(module: WasmModule, { axes, bytes, indexBytes, copy, units }: UpdateSpec): Func {
  return module.func('update', 6, (locals, [whole, update, start, out]) => {
    const index = locals.i32();
    const target = locals.i32();
    const address = (out as Local<'i32'>).get;
    return [
      when(i32.ne(whole!.get, address), memoryCopy(address, whole!.get, i32.const(bytes))),
      target.set(address),
      axes.map((axis, i) => [
        loadClamped(index, start!.get, indexBytes, axis.limit, i * indexBytes),
        target.set(i32.add(target.get, i32.mul(index.get, i32.const(axis.bytes)))),
      ]),
      call(copy, [update!.get, target.get, i32.const(0), i32.const(units)]),
    ];
  });
}
