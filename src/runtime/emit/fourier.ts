import type { Code } from '../../wasm/code.js';
import { f32x4, f64x2, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { highHalf, joinLow } from './doubles.js';
import { advance, forRange, repeat } from './loops.js';
import { withNeutral } from './rows.js';

/** Fourier transforms of rows of real numbers, by those of half as many complex ones. */
export interface FourierSpec {
  readonly rows: number;
  /** Numbers of a row, and how many of them count; zeros fill up what is missing. */
  readonly width: number;
  /** Size of the transform, a power of two from 4 on. */
  readonly size: number;
}

/** Bytes for the numbers of two rows side by side, and for the complex numbers made of them. */
export const fourierScratch = ({ size }: FourierSpec) => ({ pairs: size * 8 + 64, numbers: size * 16 });

/** Rows of a unit of work: they are the lanes of vectors of doubles. */
const LANES = 2;
export const fourierUnits = ({ rows }: FourierSpec): number => Math.ceil(rows / LANES);

/** Bytes of a complex number of two rows. */
const NUMBER = 32;
/** Bytes of the cosine and the sine of a turn. */
const TURN = 16;

/**
 * Writes `(x, out, pairs, numbers, order, turns, ends, from, to)`; units must be computed one after the other. `order` has
 * the places, times 16 bytes, of numbers in the order in which parts of one number lie; `turns` and `ends` cosines and sines
 * of the turns of parts and of the last step.
 */
export function emitFourier(module: WasmModule, spec: FourierSpec): Func {
  const { rows, width, size } = spec;
  const half = size / 2;
  const outBytes = (half + 1) * 8;
  return module.func('fourier', 9, (locals, [x, out, pairs, numbers, order, turns, ends, from, to]) => {
    const unit = locals.i32();
    const [p, q, a, b] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()];
    const counter = locals.i32();
    const value = locals.v128();
    // The last row may be alone: then it is computed twice, and the second result thrown away.
    const isAlone = i32.eq(unit.get, i32.const(rows % LANES === 0 ? -1 : fourierUnits(spec) - 1));
    const place = (bytes: number) => i32.mul(unit.get, i32.const(LANES * bytes));
    const pointers = { p, q, a, b, counter, value };
    return [
      p.set(pairs!.get),
      repeat(counter, half, [v128.store(p.get, f32x4.const(0)), advance(p, 16)]),
      forRange(unit, from!.get, to!.get, 1, [
        p.set(i32.add(x!.get, place(width * 4))),
        q.set(i32.select(isAlone, p.get, i32.add(p.get, i32.const(width * 4)))),
        a.set(pairs!.get),
        interleave(pointers, Math.min(width, size)),
        a.set(numbers!.get),
        p.set(order!.get),
        repeat(counter, half, [
          value.set(v128.load(i32.add(pairs!.get, i32.load(p.get)))),
          v128.store(a.get, f64x2.promoteLowF32(value.get)),
          v128.store(a.get, f64x2.promoteLowF32(highHalf(value.get)), 16),
          advance(p, 4),
          advance(a, NUMBER),
        ]),
        joins(locals, half, numbers!, turns!),
        p.set(i32.add(out!.get, place(outBytes))),
        q.set(i32.select(isAlone, pairs!.get, i32.add(p.get, i32.const(outBytes)))),
        lastStep(locals, half, numbers!, ends!, pointers),
      ]),
    ];
  });
}

interface Pointers {
  readonly p: Local<'i32'>;
  readonly q: Local<'i32'>;
  readonly a: Local<'i32'>;
  readonly b: Local<'i32'>;
  readonly counter: Local<'i32'>;
  readonly value: Local<'v128'>;
}

const FIRST = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const SECOND = FIRST.map((byte) => byte + 8);

/** Writes the floats of two rows side by side. */
function interleave({ p, q, a, counter }: Pointers, count: number): Code {
  const zero = f32x4.const(0);
  const some = (lanes: number): Code => {
    const [x, y] = [withNeutral(v128.load(p.get), lanes, zero), withNeutral(v128.load(q.get), lanes, zero)];
    return [v128.store(a.get, v128.shuffle(x, y, FIRST)), v128.store(a.get, v128.shuffle(x, y, SECOND), 16)];
  };
  const whole = [some(4), advance(p, 16), advance(q, 16), advance(a, 32)];
  return [repeat(counter, Math.floor(count / 4), whole), count % 4 > 0 ? some(count % 4) : []];
}

/** Transforms of parts of 1, 2, 4, ... numbers, two by two. */
function joins(locals: Locals, half: number, numbers: Local<'i32'>, turns: Local<'i32'>): Code {
  const [one, turn, counter, parts] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()];
  const [re, im, x, y, c, s] = locals.v128s(6) as [Vector, Vector, Vector, Vector, Vector, Vector];
  const levels: Code[] = [];
  for (let part = 1; part < half; part *= 2) {
    const other = part * NUMBER;
    const add = [
      re.set(v128.load(one.get)),
      im.set(v128.load(one.get, 16)),
      v128.store(one.get, f64x2.sub(re.get, x.get), other),
      v128.store(one.get, f64x2.sub(im.get, y.get), other + 16),
      v128.store(one.get, f64x2.add(re.get, x.get)),
      v128.store(one.get, f64x2.add(im.get, y.get), 16),
      advance(one, NUMBER),
    ];
    // The first turn is none.
    const first = [x.set(v128.load(one.get, other)), y.set(v128.load(one.get, other + 16)), add];
    const turned = [
      c.set(v128.load64Splat(turn.get)),
      s.set(v128.load64Splat(turn.get, 8)),
      re.set(v128.load(one.get, other)),
      im.set(v128.load(one.get, other + 16)),
      x.set(f64x2.sub(f64x2.mul(re.get, c.get), f64x2.mul(im.get, s.get))),
      y.set(f64x2.add(f64x2.mul(re.get, s.get), f64x2.mul(im.get, c.get))),
      add,
      advance(turn, TURN),
    ];
    levels.push([
      one.set(numbers.get),
      repeat(parts, half / (2 * part), [
        turn.set(i32.add(turns.get, i32.const((part + 1) * TURN))),
        first,
        repeat(counter, part - 1, turned),
        advance(one, other),
      ]),
    ]);
  }
  return levels;
}

type Vector = Local<'v128'>;

/** The transform of the real numbers, from those of the ones at even and at odd places. */
function lastStep(
  locals: Locals,
  half: number,
  numbers: Local<'i32'>,
  ends: Local<'i32'>,
  { p, q, a, b, counter, value }: Pointers,
): Code {
  const end = locals.i32();
  const [oddRe, oddIm, c, s, sum] = locals.v128s(5) as [Vector, Vector, Vector, Vector, Vector];
  const [reA, imA, reB, imB] = [v128.load(a.get), v128.load(a.get, 16), v128.load(b.get), v128.load(b.get, 16)];
  const halved = (x: ReturnType<typeof f64x2.mul>) => f64x2.mul(x, f64x2.const(0.5));
  const one: Code = [
    c.set(v128.load64Splat(end.get)),
    s.set(v128.load64Splat(end.get, 8)),
    oddRe.set(halved(f64x2.add(imA, imB))),
    oddIm.set(halved(f64x2.sub(reB, reA))),
    sum.set(f64x2.add(halved(f64x2.add(reA, reB)), f64x2.mul(oddRe.get, c.get))),
    sum.set(f64x2.sub(sum.get, f64x2.mul(oddIm.get, s.get))),
    value.set(f64x2.add(halved(f64x2.sub(imA, imB)), f64x2.mul(oddRe.get, s.get))),
    value.set(f64x2.add(value.get, f64x2.mul(oddIm.get, c.get))),
    value.set(joinLow(f32x4.demoteF64(sum.get), f32x4.demoteF64(value.get))),
    // Real parts of both rows, then imaginary ones.
    value.set(v128.shuffle(value.get, value.get, [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15])),
    v128.store64Lane(p.get, value.get, 0),
    v128.store64Lane(q.get, value.get, 1),
    advance(p, 8),
    advance(q, 8),
    advance(end, TURN),
  ];
  const alone = [a.set(numbers.get), b.set(numbers.get), one];
  return [
    end.set(ends.get),
    alone,
    a.set(i32.add(numbers.get, i32.const(NUMBER))),
    b.set(i32.add(numbers.get, i32.const((half - 1) * NUMBER))),
    repeat(counter, half - 1, [one, advance(a, NUMBER), advance(b, -NUMBER)]),
    alone,
  ];
}
