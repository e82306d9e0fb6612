import { type Code, type Expr, when } from '../../wasm/code.js';
import { i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, forRange, repeat, whileBelow } from './loops.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';

/** An axis of a loop: its size, and how far apart the elements of each operand are along it (0: it is broadcast). */
export interface LoopAxis {
  readonly size: number;
  readonly strides: readonly number[];
}

/** An elementwise function of operands that broadcast to one another. */
export interface BroadcastSpec {
  /** Says what `apply` does. */
  readonly key: string;
  /** Bytes of an element of each operand, and of the result. */
  readonly operands: readonly number[];
  readonly outBytes: number;
  /** Elements that `apply` takes at once; of narrow operands they are the first ones of the vector. */
  readonly lanes: number;
  /** Outermost first. Along the last one each operand is contiguous or has one element for all. */
  readonly axes: readonly LoopAxis[];
  /** The last axis is that of the result, so that stages may have operands by channel. */
  readonly hasChannels: boolean;
  /** Operations on the result, which then is of floats. */
  readonly stages: readonly Stage[];
  /** Sets `out`; leaves the operands as they are. */
  readonly apply: (locals: Locals, operands: readonly Expr<'v128'>[], out: Local<'v128'>) => Code;
}

export const broadcastKey = ({ key, operands, outBytes, axes, hasChannels, stages }: BroadcastSpec): string =>
  `broadcast ${JSON.stringify([key, operands, outBytes, axes, hasChannels])} ${stagesKey(stages)}`;

/**
 * The axes of a loop over a result of shape `shape`, as few as possible: neighbours that all operands run through alike
 * are one. `keepsLast` keeps the last axis of the shape apart.
 */
export function collapsedAxes(
  shape: readonly number[],
  operands: readonly (readonly number[])[],
  keepsLast: boolean,
): LoopAxis[] {
  const strides = operands.map((operand) => broadcastStrides(operand, shape.length));
  const axes: LoopAxis[] = [];
  for (const [i, size] of shape.entries()) {
    const isLast = keepsLast && i === shape.length - 1;
    if (size === 1 && !isLast) continue;
    const axis = { size, strides: strides.map((s) => s[i] as number) };
    const outer = axes.at(-1);
    if (outer && !isLast && axis.strides.every((s, k) => outer.strides[k] === s * size))
      axes[axes.length - 1] = { size: outer.size * size, strides: axis.strides };
    else axes.push(axis);
  }
  return axes.length > 0 ? axes : [{ size: 1, strides: operands.map(() => 0) }];
}

/** Distances of elements along each of `rank` axes, 0 where the operand has one element for all. */
function broadcastStrides(shape: readonly number[], rank: number): number[] {
  const strides = new Array<number>(rank).fill(0);
  let next = 1;
  for (let i = 1; i <= shape.length; i++) {
    const size = shape.at(-i) as number;
    if (size !== 1) strides[rank - i] = next;
    next *= size;
  }
  return strides;
}

/** Elements of the result that are one unit of work when there is one axis: a line of the cache. */
const flatUnit = ({ outBytes }: BroadcastSpec): number => 64 / outBytes;

const isFlat = ({ axes, hasChannels }: BroadcastSpec): boolean => axes.length === 1 && !hasChannels;

/** Units of work: lines of elements, or runs along the last axis. */
export function broadcastUnits(spec: BroadcastSpec): number {
  if (isFlat(spec)) return Math.ceil((spec.axes[0] as LoopAxis).size / flatUnit(spec));
  return spec.axes.slice(0, -1).reduce((n, { size }) => n * size, 1);
}

/** Code for a run of elements along the last axis. */
class Run {
  /** Where the next elements are; `out` where their result goes. */
  readonly pointers: readonly Local<'i32'>[];
  readonly out: Local<'i32'>;
  /** The first element of the result. */
  readonly base: Local<'i32'>;
  readonly #spec: BroadcastSpec;
  readonly #locals: Locals;
  readonly #values: readonly Local<'v128'>[];
  readonly #result: Local<'v128'>;
  readonly #rowStart: Local<'i32'>;
  readonly #stagePointers: readonly Local<'i32'>[];

  constructor(locals: Locals, spec: BroadcastSpec, base: Local<'i32'>, stagePointers: readonly Local<'i32'>[]) {
    this.#spec = spec;
    this.#locals = locals;
    this.base = base;
    this.#stagePointers = stagePointers;
    this.pointers = spec.operands.map(() => locals.i32());
    this.#values = locals.v128s(spec.operands.length);
    this.out = locals.i32();
    this.#rowStart = locals.i32();
    this.#result = locals.v128();
  }

  #isSplat(operand: number): boolean {
    return this.#spec.axes.at(-1)?.strides[operand] === 0;
  }

  /** Loads what is the same for the whole run. */
  start(): Code {
    return [
      this.#rowStart.set(this.out.get),
      this.#spec.operands.map((bytes, k) =>
        this.#isSplat(k) ? this.#values[k]!.set((SPLATS[bytes] as typeof v128.load)(this.pointers[k]!.get)) : [],
      ),
    ];
  }

  /** Computes the vector that is `step` further on, and stores `count` of its elements. */
  vector(step: number, count: number): Code {
    const { operands, lanes, outBytes, apply, stages } = this.#spec;
    const constant = step * lanes * outBytes;
    const difference = (start: Local<'i32'>) => i32.sub(this.out.get, start.get);
    return [
      operands.map((bytes, k) =>
        this.#isSplat(k)
          ? []
          : this.#values[k]!.set(loadSome(this.pointers[k]!.get, bytes * lanes, step * lanes * bytes)),
      ),
      apply(this.#locals, this.#values.map((v) => v.get), this.#result), // biome-ignore format: a call
      applyStages(stages, this.#locals, this.#result, this.#stagePointers, {
        element: [difference(this.base), constant],
        channel: [difference(this.#rowStart), constant],
      }),
      storeSome(this.out.get, this.#result.get, count * outBytes, constant),
    ];
  }

  /** Moves all pointers on by whole vectors. */
  advance(vectors: number): Code {
    const { operands, lanes, outBytes } = this.#spec;
    return [
      operands.map((bytes, k) => (this.#isSplat(k) ? [] : advance(this.pointers[k]!, vectors * lanes * bytes))),
      advance(this.out, vectors * lanes * outBytes),
    ];
  }

  /** `count` elements, of which none beyond the last is stored. */
  elements(count: number, counter: Local<'i32'>): Code {
    const { lanes, stages } = this.#spec;
    const unroll = stages.length > 2 || stages.some((s) => s.isLong) ? 1 : 4;
    const whole = Math.floor(count / lanes);
    const rounds = Math.floor(whole / unroll);
    const steps = (n: number) => Array.from({ length: n }, (_, i) => this.vector(i, lanes));
    const left = whole - rounds * unroll;
    return [
      repeat(counter, rounds, [steps(unroll), this.advance(unroll)]),
      steps(left),
      this.advance(left),
      count % lanes > 0
        ? [this.vector(0, count % lanes), advance(this.out, (count % lanes) * this.#spec.outBytes)]
        : [],
    ];
  }
}

/** Writes `(...operands, out, ...stageOperands, from, to)`; {@link broadcastUnits} says what the units are. */
export function emitBroadcast(module: WasmModule, spec: BroadcastSpec): Func {
  const count = spec.operands.length;
  const parameters = count + 3 + stageOperands(spec.stages).length;
  return module.func('broadcast', parameters, (locals, all) => {
    const units = all.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const run = new Run(locals, spec, all[count] as Local<'i32'>, all.slice(count + 1, -2));
    const bases = all.slice(0, count);
    return isFlat(spec) ? flatLoop(locals, spec, run, bases, units) : rowLoop(locals, spec, run, bases, units);
  });
}

type Range = readonly [Local<'i32'>, Local<'i32'>];

/** `base + index * bytes` */
const at = (base: Local<'i32'>, index: Local<'i32'>, bytes: number): Expr<'i32'> =>
  bytes === 0 ? base.get : i32.add(base.get, i32.mul(index.get, i32.const(bytes)));

/** One axis: lines of elements. */
function flatLoop(
  locals: Locals,
  spec: BroadcastSpec,
  run: Run,
  bases: readonly Local<'i32'>[],
  [from, to]: Range,
): Code {
  const unit = flatUnit(spec);
  const end = locals.i32();
  const { strides } = spec.axes[0] as LoopAxis;
  const bytes = spec.operands.map((b, k) => b * (strides[k] as number));
  return [
    bases.map((base, k) => run.pointers[k]!.set(at(base, from, (bytes[k] as number) * unit))),
    run.out.set(at(run.base, from, unit * spec.outBytes)),
    end.set(at(run.base, to, unit * spec.outBytes)),
    run.start(),
    whileBelow(run.out, end.get, [[0, 1, 2, 3].map((i) => run.vector(i, spec.lanes)), run.advance(4)]),
  ];
}

/** Several axes: a run along the last one for each index of the others, which are counted like the digits of a number. */
function rowLoop(
  locals: Locals,
  spec: BroadcastSpec,
  run: Run,
  bases: readonly Local<'i32'>[],
  [from, to]: Range,
): Code {
  const outer = spec.axes.slice(0, -1).map((axis) => ({
    size: axis.size,
    bytes: axis.strides.map((s, k) => s * (spec.operands[k] as number)),
    digit: locals.i32(),
  }));
  const { size } = spec.axes.at(-1) as LoopAxis;
  const rest = locals.i32();
  const row = locals.i32();
  const counter = locals.i32();
  const start = [
    rest.set(from.get),
    outer
      .toReversed()
      .map((axis) => [
        axis.digit.set(i32.remU(rest.get, i32.const(axis.size))),
        rest.set(i32.divU(rest.get, i32.const(axis.size))),
        bases.map((base, k) => base.set(at(base, axis.digit, axis.bytes[k] as number))),
      ]),
  ];
  const next = (depth: number): Code => {
    const axis = outer[depth];
    if (!axis) return [];
    const move = (times: number) => bases.map((base, k) => advance(base, times * (axis.bytes[k] as number)));
    if (depth === 0) return move(1);
    return [
      move(1),
      axis.digit.set(i32.add(axis.digit.get, i32.const(1))),
      when(i32.eq(axis.digit.get, i32.const(axis.size)), [axis.digit.set(i32.const(0)), move(-axis.size), next(depth - 1)]), // biome-ignore format: one step
    ];
  };
  return [
    start,
    run.out.set(at(run.base, from, size * spec.outBytes)),
    forRange(row, from.get, to.get, 1, [
      bases.map((base, k) => run.pointers[k]!.set(base.get)),
      run.start(),
      run.elements(size, counter),
      next(outer.length - 1),
    ]),
  ];
}

const LOADS: Readonly<Record<number, typeof v128.load>> = {
  1: v128.load8Splat,
  2: v128.load16Splat,
  4: v128.load32Zero,
  8: v128.load64Zero,
  16: v128.load,
};
const SPLATS: Readonly<Record<number, typeof v128.load>> = {
  1: v128.load8Splat,
  2: v128.load16Splat,
  4: v128.load32Splat,
  8: v128.load64Splat,
};
const STORES: readonly (readonly [number, typeof v128.store64Lane])[] = [
  [8, v128.store64Lane],
  [4, v128.store32Lane],
  [2, v128.store16Lane],
  [1, v128.store8Lane],
];

/** The first `bytes` bytes of a vector; what is above is anything. */
const loadSome = (address: Expr<'i32'>, bytes: number, offset: number): Expr<'v128'> =>
  (LOADS[bytes] as typeof v128.load)(address, offset);

/** Stores the first `bytes` bytes of a vector. */
export function storeSome(address: Expr<'i32'>, value: Expr<'v128'>, bytes: number, offset: number): Code {
  if (bytes === 16) return v128.store(address, value, offset);
  let done = 0;
  return STORES.map(([size, store]) => {
    if (!(bytes & size)) return [];
    const code = store(address, value, done / size, offset + done);
    done += size;
    return code;
  });
}
