import { type Code, when } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { copyRun } from './copy.js';
import { checkIndex, type IndexBytes, loadIndex } from './indices.js';
import { advance, forRange, repeat, storeBytes } from './loops.js';

/** What becomes of a picked slice: its bytes are copied, or 8-bit integers become floats by the scale of the slice. */
export type Picked = 'bytes' | 'scaled';

/** Slices by index: for each of `rows` parts of `size` slices, `count` of them. */
export interface GatherSpec {
  readonly rows: number;
  /** Rows that share their indices. */
  readonly sharing: number;
  readonly size: number;
  readonly count: number;
  /** Bytes of a slice. */
  readonly run: number;
  readonly indexBytes: IndexBytes;
  readonly picked: Picked;
}

export const gatherKey = (spec: GatherSpec): string => `gather ${JSON.stringify(spec)}`;

/** Units of {@link emitGather}: rows, or slices when there is one row. */
export const gatherUnits = ({ rows, count }: GatherSpec): number => (rows === 1 ? count : rows);

/**
 * Writes `(params, indices, out, scales, step, from, to)`. An index out of range is noted with its step and taken as 0.
 * `scales` holds a float for each slice, when they are scaled.
 */
export function emitGather(module: WasmModule, spec: GatherSpec): Func {
  const { rows, sharing, size, count, run, indexBytes, picked } = spec;
  const outBytes = picked === 'bytes' ? run : run * 4;
  return module.func('gather', 7, (locals, [params, indices, out, scales, step, from, to]) => {
    const unit = locals.i32();
    const index = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const at = locals.i32();
    const base = locals.i32();
    const scale = locals.v128();
    const start = (slices: number) => [target.set(i32.add(out!.get, i32.mul(from!.get, i32.const(slices * outBytes))))];
    const pick = [
      index.set(loadIndex(at.get, indexBytes)),
      checkIndex(index, size, step!),
      source.set(i32.add(base.get, i32.mul(index.get, i32.const(run)))),
      picked === 'bytes'
        ? copyRun(locals, run, source, target, 0, 0)
        : [
            scale.set(v128.load32Splat(i32.add(scales!.get, i32.shl(index.get, i32.const(2))))),
            scaledRun(locals, run, source, target, scale),
          ],
      advance(at, indexBytes),
      advance(target, outBytes),
    ];
    if (rows === 1)
      return [
        start(1),
        base.set(params!.get),
        at.set(i32.add(indices!.get, i32.mul(from!.get, i32.const(indexBytes)))),
        forRange(unit, from!.get, to!.get, 1, pick),
      ];
    const shared = sharing === 1 ? unit.get : i32.divU(unit.get, i32.const(sharing));
    return [
      start(count),
      forRange(unit, from!.get, to!.get, 1, [
        base.set(i32.add(params!.get, i32.mul(unit.get, i32.const(size * run)))),
        at.set(i32.add(indices!.get, i32.mul(shared, i32.const(count * indexBytes)))),
        repeat(locals.i32(), count, pick),
      ]),
    ];
  });
}

/** Signed bytes times a scale, as floats. The pointers are what they were when it ends. */
function scaledRun(locals: Locals, count: number, s: Local<'i32'>, t: Local<'i32'>, scale: Local<'v128'>): Code {
  const eights = Math.floor(count / 8);
  const wide = locals.v128();
  const half = (extend: typeof i32x4.extendLowI16) => f32x4.mul(f32x4.convertI32(extend(wide.get)), scale.get);
  const load = (offset: number) => wide.set(v128.load8x8S(s.get, offset));
  const rest = count % 8;
  return [
    repeat(locals.i32(), eights, [
      load(0),
      v128.store(t.get, half(i32x4.extendLowI16)),
      v128.store(t.get, half(i32x4.extendHighI16), 16),
      advance(s, 8),
      advance(t, 32),
    ]),
    rest > 0 ? [load(0), storeBytes(t.get, half(i32x4.extendLowI16), rest * 4)] : [],
    rest > 4 ? storeBytes(t.get, half(i32x4.extendHighI16), rest * 4 - 16, 16) : [],
    advance(s, -8 * eights),
    advance(t, -32 * eights),
  ];
}

/** Slices by vectors of indices. */
export interface GatherNdSpec {
  /** For each index of a vector the size of its axis, and the bytes that it counts for. */
  readonly axes: readonly { readonly size: number; readonly bytes: number }[];
  readonly run: number;
  readonly indexBytes: IndexBytes;
}

/** Writes `(params, indices, out, step, from, to)`; the units are slices. */
export function emitGatherNd(module: WasmModule, { axes, run, indexBytes }: GatherNdSpec): Func {
  return module.func('gather_nd', 6, (locals, [params, indices, out, step, from, to]) => {
    const unit = locals.i32();
    const index = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const at = locals.i32();
    return [
      target.set(i32.add(out!.get, i32.mul(from!.get, i32.const(run)))),
      at.set(i32.add(indices!.get, i32.mul(from!.get, i32.const(axes.length * indexBytes)))),
      forRange(unit, from!.get, to!.get, 1, [
        source.set(params!.get),
        axes.map(({ size, bytes }, i) => [
          index.set(loadIndex(at.get, indexBytes, i * indexBytes)),
          checkIndex(index, size, step!),
          source.set(i32.add(source.get, i32.mul(index.get, i32.const(bytes)))),
        ]),
        copyRun(locals, run, source, target, 0, 0),
        advance(at, axes.length * indexBytes),
        advance(target, run),
      ]),
    ];
  });
}

/** A one-hot axis of `depth` with `inner` elements behind it. */
export interface OneHotSpec {
  readonly depth: number;
  readonly inner: number;
  readonly element: number;
  readonly indexBytes: IndexBytes;
}

/** Writes `(indices, on, out, from, to)`: puts the element `on` where each index says; others stay what they were. */
export function emitOneHot(module: WasmModule, { depth, inner, element, indexBytes }: OneHotSpec): Func {
  return module.func('one_hot', 5, (locals, [indices, on, out, from, to]) => {
    const unit = locals.i32();
    const index = locals.i32();
    const target = locals.i32();
    const at = i32.add(indices!.get, i32.mul(unit.get, i32.const(indexBytes)));
    const outer = inner === 1 ? unit.get : i32.divU(unit.get, i32.const(inner));
    const place = i32.add(i32.mul(outer, i32.const(depth)), index.get);
    const column = inner === 1 ? i32.const(0) : i32.remU(unit.get, i32.const(inner));
    const position = i32.add(i32.mul(place, i32.const(inner)), column);
    return forRange(unit, from!.get, to!.get, 1, [
      index.set(loadIndex(at, indexBytes)),
      when(i32.ltU(index.get, i32.const(depth)), [
        target.set(i32.add(out!.get, i32.mul(position, i32.const(element)))),
        copyRun(locals, element, on!, target, 0, 0),
      ]),
    ]);
  });
}
