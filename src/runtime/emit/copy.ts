import type { Code } from '../../wasm/code.js';
import { i32, i64, memoryCopy, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, forRange, repeat, storeBytes } from './loops.js';
import { storeTiles } from './transpose.js';

/** One axis of a copy: its size, and the bytes from one index to the next in the source and in the target. */
export interface CopyAxis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** A copy between two windows on memory: `run` bytes lie together on both sides, axes go around them, the outer first. */
export interface CopySpec {
  readonly axes: readonly CopyAxis[];
  readonly run: number;
}

export const copyKey = (spec: CopySpec): string => `copy ${JSON.stringify(spec)}`;

/** Bytes that are one unit of a copy without axes. */
const LINE = 64;

/** How the innermost axes of a copy are computed. */
type Inner =
  | { readonly kind: 'rows' } // runs, one after another
  | { readonly kind: 'fill'; readonly axis: CopyAxis } // one element, repeated
  | { readonly kind: 'reverse'; readonly axis: CopyAxis } // elements in reverse order
  | { readonly kind: 'tiles'; readonly axis: CopyAxis; readonly across: CopyAxis }; // a transposition

interface CopyPlan {
  readonly outer: readonly CopyAxis[];
  readonly inner: Inner;
}

function planOf({ axes, run }: CopySpec): CopyPlan {
  const axis = axes.at(-1);
  const before = axes.slice(0, -1);
  const isElement = run <= 8 && (run & (run - 1)) === 0;
  if (!axis || !isElement || axis.to !== run) return { outer: divided(axes, run), inner: { kind: 'rows' } };
  if (axis.from === 0) return { outer: before, inner: { kind: 'fill', axis } };
  if (axis.from === -run) return { outer: before, inner: { kind: 'reverse', axis } };
  const at = before.findIndex(({ from, to, size }) => from === run && to > 0 && size > 1);
  const across = before[at];
  if (!across || axis.from < 0) return { outer: divided(axes, run), inner: { kind: 'rows' } };
  const [first, ...others] = divided([across], 0);
  const outer = before.toSpliced(at, 1);
  if (outer.length > 0 || !others[0]) return { outer, inner: { kind: 'tiles', axis, across } };
  return { outer: [first as CopyAxis], inner: { kind: 'tiles', axis, across: others[0] } };
}

/** A single axis of short runs as two, so that the inner loop has a constant count. */
function divided(axes: readonly CopyAxis[], run: number): readonly CopyAxis[] {
  const [axis] = axes;
  const by = axis && run <= 64 ? [32, 16, 8].find((n) => axis.size > n && axis.size % n === 0) : undefined;
  if (!axis || axes.length !== 1 || by === undefined) return axes;
  const { size, from, to } = axis;
  return [
    { size: size / by, from: from * by, to: to * by },
    { size: by, from, to },
  ];
}

/** What the copy is called in reports. */
export const copyName = (spec: CopySpec): string => `copy_${planOf(spec).inner.kind}`;

/** Units of {@link emitCopy}: indices of the outermost axis, or lines when there is none. */
export function copyUnits(spec: CopySpec): number {
  const { outer, inner } = planOf(spec);
  if (outer[0]) return outer[0].size;
  return inner.kind === 'rows' ? Math.ceil(spec.run / LINE) : 1;
}

/** Writes `(source, target, from, to)`; the units are {@link copyUnits}. Not a byte more than the target is written. */
export function emitCopy(module: WasmModule, spec: CopySpec): Func {
  const { outer, inner } = planOf(spec);
  return module.func(`copy_${inner.kind}`, 4, (locals, [source, target, from, to]) => {
    const s = source as Local<'i32'>;
    const t = target as Local<'i32'>;
    const [first, ...others] = outer;
    if (!first) return inner.kind === 'rows' ? copyLines(spec.run, s, t, from!, to!) : innerCode(locals, spec, s, t);
    const unit = locals.i32();
    const start = (pointer: Local<'i32'>, step: number) =>
      pointer.set(i32.add(pointer.get, i32.mul(from!.get, i32.const(step))));
    return [
      start(s, first.from),
      start(t, first.to),
      forRange(unit, from!.get, to!.get, 1, [
        nested(locals, spec, others, s, t),
        advance(s, first.from),
        advance(t, first.to),
      ]),
    ];
  });
}

/** A piece of one long run. */
function copyLines(run: number, s: Local<'i32'>, t: Local<'i32'>, from: Local<'i32'>, to: Local<'i32'>): Code {
  const start = i32.shl(from.get, i32.const(6));
  const end = i32.shl(to.get, i32.const(6));
  const last = i32.select(i32.ltU(end, i32.const(run)), end, i32.const(run));
  return memoryCopy(i32.add(t.get, start), i32.add(s.get, start), i32.sub(last, start));
}

/** Loops over the other axes; the pointers are what they were when it ends. */
function nested(locals: Locals, spec: CopySpec, axes: readonly CopyAxis[], s: Local<'i32'>, t: Local<'i32'>): Code {
  const [axis, ...others] = axes;
  if (!axis) return innerCode(locals, spec, s, t);
  const { size, from, to } = axis;
  const unroll = others.length === 0 && spec.run <= 64 && from >= 0 && to >= 0 ? 4 : 1;
  const isRows = planOf(spec).inner.kind === 'rows';
  const body = (i: number) =>
    isRows && others.length === 0
      ? copyRun(locals, spec.run, s, t, i * from, i * to)
      : nested(locals, spec, others, s, t);
  const count = isRows ? unroll : 1;
  const steps = (n: number): Code => [
    Array.from({ length: n }, (_, i) => body(i)),
    advance(s, from * n),
    advance(t, to * n),
  ];
  const rest = size % count;
  return [
    repeat(locals.i32(), Math.floor(size / count), steps(count)),
    rest > 0 ? steps(rest) : [],
    advance(s, -from * size),
    advance(t, -to * size),
  ];
}

function innerCode(locals: Locals, spec: CopySpec, s: Local<'i32'>, t: Local<'i32'>): Code {
  const { inner } = planOf(spec);
  switch (inner.kind) {
    case 'rows':
      return copyRun(locals, spec.run, s, t, 0, 0);
    case 'fill':
      return fillRun(locals, spec.run, inner.axis.size, s, t);
    case 'reverse':
      return reverseRun(locals, spec.run, inner.axis.size, s, t);
    case 'tiles':
      return storeTiles(locals, { ...inner, element: spec.run }, s, t);
    default:
      return inner satisfies never;
  }
}

/** Runs up to this length are written out; the next ones are a loop; longer ones are left to the engine. */
const SHORT = 256;
const MIDDLE = 1024;

/** Copies a run. The last vector overlaps the one before when the run is no multiple of it. */
export function copyRun(
  locals: Locals,
  run: number,
  s: Local<'i32'>,
  t: Local<'i32'>,
  sourceOffset: number,
  targetOffset: number,
): Code {
  const vector = (i: number) => v128.store(t.get, v128.load(s.get, sourceOffset + i), targetOffset + i);
  if (run > MIDDLE) {
    const at = (pointer: Local<'i32'>, offset: number) => i32.add(pointer.get, i32.const(offset));
    return memoryCopy(at(t, targetOffset), at(s, sourceOffset), i32.const(run));
  }
  if (run > SHORT) {
    const lines = Math.floor(run / LINE);
    const whole = lines * LINE;
    return [
      repeat(locals.i32(), lines, [[0, 16, 32, 48].map(vector), advance(s, LINE), advance(t, LINE)]),
      advance(s, -whole),
      advance(t, -whole),
      vectorStarts(run, whole).map(vector),
    ];
  }
  if (run >= 16) return vectorStarts(run).map(vector);
  return pieces(run).map(({ at, bytes }) => {
    const [from, to] = [sourceOffset + at, targetOffset + at];
    if (bytes === 8) return i64.store(t.get, i64.load(s.get, from), to);
    if (bytes === 4) return i32.store(t.get, i32.load(s.get, from), to);
    if (bytes === 2) return i32.store16(t.get, i32.load16U(s.get, from), to);
    return i32.store8(t.get, i32.load8U(s.get, from), to);
  });
}

/** Where the vectors start that cover the bytes from `first` on of a run of at least 16. */
function vectorStarts(run: number, first = 0): number[] {
  const count = Math.ceil((run - first) / 16);
  return Array.from({ length: count }, (_, i) => Math.min(first + 16 * i, run - 16));
}

/** Powers of two that cover fewer than 16 bytes; they may overlap. */
function pieces(run: number): { readonly at: number; readonly bytes: number }[] {
  const bytes = [8, 4, 2, 1].find((b) => b <= run) as number;
  if (bytes === run) return [{ at: 0, bytes }];
  return [
    { at: 0, bytes },
    { at: run - bytes, bytes },
  ];
}

const splats = { 1: v128.load8Splat, 2: v128.load16Splat, 4: v128.load32Splat, 8: v128.load64Splat };

/** `count` times the element at `s`. */
function fillRun(locals: Locals, element: number, count: number, s: Local<'i32'>, t: Local<'i32'>): Code {
  const value = locals.v128();
  const bytes = element * count;
  const load = value.set(splats[element as 1](s.get));
  if (bytes < 16) return [load, storeBytes(t.get, value.get, bytes)];
  const lines = bytes > SHORT ? Math.floor(bytes / LINE) : 0;
  const store = (at: number) => v128.store(t.get, value.get, at);
  return [
    load,
    repeat(locals.i32(), lines, [[0, 16, 32, 48].map(store), advance(t, LINE)]),
    advance(t, -lines * LINE),
    vectorStarts(bytes, lines * LINE).map(store),
  ];
}

/** Elements backwards: `s` is the first one to copy, the others lie in front of it. */
function reverseRun(locals: Locals, element: number, count: number, s: Local<'i32'>, t: Local<'i32'>): Code {
  const lanes = 16 / element;
  const order = Array.from({ length: 16 }, (_, i) => 16 - element - (i - (i % element)) + (i % element));
  const from = (bytes: number) => i32.sub(s.get, i32.const(bytes));
  const vector = (first: number): Code => {
    const value = v128.load(from((first + lanes - 1) * element));
    return v128.store(t.get, v128.shuffle(value, value, order), first * element);
  };
  if (count < lanes)
    return Array.from({ length: count }, (_, i) =>
      storeBytes(t.get, splats[element as 1](from(i * element)), element, i * element),
    );
  const whole = Math.floor(count / lanes);
  return [
    repeat(locals.i32(), whole, [vector(0), advance(s, -16), advance(t, 16)]),
    advance(s, 16 * whole),
    advance(t, -16 * whole),
    count % lanes > 0 ? vector(count - lanes) : [],
  ];
}
