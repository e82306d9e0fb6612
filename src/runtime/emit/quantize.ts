import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i8x16, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import type { Source } from './elementwise.js';
import { forRange } from './loops.js';

/** Elements that are one unit of work. */
export const QUANTIZE_UNIT = 16;

/** Adding this to a float below 2^22 leaves its integer in the low bits. */
const ROUNDING = 12582912;
const ROUNDING_BITS = 0x4b400000;
/** The float below one half: adding it to a number and dropping the fraction rounds halves up, and nothing below them. */
const BELOW_HALF = 0.5 - 2 ** -25;
const SIGN_BIT = -0x80000000;

/** The nearest integers; halves go away from zero. For numbers below 2^22. */
export function roundHalfAway(locals: Locals, x: Expr<'v128'>): Expr<'v128'> {
  const v = locals.v128();
  const half = v128.or(v128.and(v.get, i32x4.const(SIGN_BIT)), f32x4.const(BELOW_HALF));
  return f32x4.trunc(f32x4.add(v.tee(x), half));
}

export interface QuantizeSpec {
  readonly dtype: 'i8' | 'u8' | 'i16';
  readonly scale: number;
  readonly zeroPoint: number;
}

const LIMITS = { i8: [-128, 127], u8: [0, 255], i16: [-32768, 32767] } as const;

/**
 * Writes `(x, out, from, to)`: floats as integers, `clamp(round(x / scale) + zeroPoint)`, halves away from zero. The units
 * are {@link QUANTIZE_UNIT} elements; the last one may run over the end.
 */
export function emitQuantize(module: WasmModule, { dtype, scale, zeroPoint }: QuantizeSpec): Func {
  const [low, high] = LIMITS[dtype];
  return module.func('quantize', 4, (locals, [x, out, from, to]) => {
    const unit = locals.i32();
    const source = i32.add(x!.get, i32.shl(unit.get, i32.const(6)));
    const target = i32.add(out!.get, i32.shl(unit.get, i32.const(dtype === 'i16' ? 5 : 4)));
    const four = (i: number) => {
      const steps = f32x4.div(v128.load(source, 16 * i), f32x4.const(scale));
      const bounded = f32x4.pmin(f32x4.pmax(steps, f32x4.const(low - zeroPoint)), f32x4.const(high - zeroPoint));
      const whole = f32x4.add(roundHalfAway(locals, bounded), f32x4.const(ROUNDING));
      return i32x4.sub(whole, i32x4.const(ROUNDING_BITS - zeroPoint));
    };
    const eight = (i: number) => i16x8.narrowI32(four(2 * i), four(2 * i + 1));
    const narrow = dtype === 'u8' ? i8x16.narrowI16U : i8x16.narrowI16;
    const stores =
      dtype === 'i16'
        ? [v128.store(target, eight(0)), v128.store(target, eight(1), 16)]
        : v128.store(target, narrow(eight(0), eight(1)));
    return forRange(unit, from!.get, to!.get, 1, stores);
  });
}

type Load = (address: Expr<'i32'>, offset: number) => Expr<'v128'>;

const WIDENED: Readonly<Record<'i8' | 'u8' | 'i16', Load>> = {
  i8: (address, offset) => i32x4.extendLowI16(i16x8.extendLowI8(v128.load32Zero(address, offset))),
  u8: (address, offset) => i32x4.extendLowI16(i16x8.extendLowU8(v128.load32Zero(address, offset))),
  i16: v128.load16x4S,
};

/** Integers as floats: `scale * (q - zeroPoint)`. */
export const quantizedSource = ({ dtype, scale, zeroPoint }: QuantizeSpec): Source => ({
  key: `${dtype} ${scale} ${zeroPoint}`,
  bytes: dtype === 'i16' ? 2 : 1,
  load(_, x, address, offset): Code {
    const q = WIDENED[dtype](address, offset);
    const steps = f32x4.convertI32(zeroPoint === 0 ? q : i32x4.sub(q, i32x4.const(zeroPoint)));
    return x.set(scale === 1 ? steps : f32x4.mul(steps, f32x4.const(scale)));
  },
});

/** 16-bit floats: the exponent moves by 112, which a multiplication does for numbers with and without a leading one. */
export const halfSource: Source = {
  key: 'f16',
  bytes: 2,
  load(locals: Locals, x: Local<'v128'>, address, offset): Code {
    const bits = locals.v128();
    const isSpecial = i32x4.gtS(bits.get, i32x4.const(0x7bff << 13));
    const special = v128.and(isSpecial, i32x4.const(0x7f800000));
    return [
      x.set(v128.load16x4U(address, offset)),
      bits.set(i32x4.shl(v128.and(x.get, i32x4.const(0x7fff)), i32.const(13))),
      x.set(i32x4.shl(v128.and(x.get, i32x4.const(0x8000)), i32.const(16))),
      x.set(v128.or(x.get, v128.or(f32x4.mul(bits.get, f32x4.const(2 ** 112)), special))),
    ];
  },
};

/** The upper halves of floats. */
export const brainSource: Source = {
  key: 'bf16',
  bytes: 2,
  load: (_, x, address, offset): Code => x.set(i32x4.shl(v128.load16x4U(address, offset), i32.const(16))),
};
