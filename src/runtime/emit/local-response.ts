import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { forChannels } from './channels.js';
import { logInPlace } from './logarithm.js';
import { advance, forRange, repeat, storeLanes } from './loops.js';
import { expInPlace } from './math.js';

/** `x (bias + alpha s)^-beta`, with s the sum of the squares of the channels within `radius`. */
export interface LocalResponseSpec {
  readonly channels: number;
  readonly radius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Bytes for the squares of a pixel's channels, with as many zeros on both sides as the window is wide. */
export const squaresBytes = ({ channels, radius }: LocalResponseSpec): number => (channels + 2 * radius + 4) * 4;

/** Writes `(x, squares, out, from, to)`; the units are pixels, which must be computed one after the other. */
export function emitLocalResponse(module: WasmModule, spec: LocalResponseSpec): Func {
  const { channels, radius, bias, alpha } = spec;
  return module.func('local_response', 5, (locals, [x, squares, out, from, to]) => {
    const pixel = locals.i32();
    const channel = locals.i32();
    const offset = locals.i32();
    const at = locals.i32();
    const counter = locals.i32();
    const sum = locals.v128();
    const value = locals.v128();
    const input = v128.load(i32.add(i32.add(x!.get, offset.get), channel.get));
    const place = i32.add(squares!.get, channel.get);
    const pixelBytes = channels * 4;
    return [
      // The room was another kernel's before.
      forRange(at, i32.const(0), i32.const(squaresBytes(spec) - 16), 16, v128.store(i32.add(squares!.get, at.get), f32x4.const(0))), // biome-ignore format: one line
      forRange(pixel, from!.get, to!.get, 1, [
        offset.set(i32.mul(pixel.get, i32.const(pixelBytes))),
        forChannels(channel, channels, 1, (_, lanes) => [
          value.set(input),
          storeLanes(place, f32x4.mul(value.get, value.get), lanes, radius * 4),
        ]),
        forChannels(channel, channels, 1, (_, lanes) => [
          at.set(place),
          sum.set(v128.load(at.get)),
          repeat(counter, 2 * radius, [advance(at, 4), sum.set(f32x4.add(sum.get, v128.load(at.get)))]),
          sum.set(f32x4.add(f32x4.mul(sum.get, f32x4.const(alpha)), f32x4.const(bias))),
          value.set(input),
          scaleByPower(locals, value, sum, spec.beta),
          storeLanes(i32.add(i32.add(out!.get, offset.get), channel.get), value.get, lanes),
        ]),
      ]),
    ];
  });
}

/** `x *= s^-beta` for positive s; roots where they give the power. */
function scaleByPower(locals: Locals, x: Local<'v128'>, s: Local<'v128'>, beta: number): Code {
  const root = f32x4.sqrt(s.get);
  const over = (divisor: Expr<'v128'>): Code => x.set(f32x4.div(x.get, divisor));
  if (beta === 0.5) return over(root);
  if (beta === 0.75) return [s.set(root), over(f32x4.mul(s.get, f32x4.sqrt(s.get)))];
  if (beta === 1) return over(s.get);
  return [
    logInPlace(locals, s),
    s.set(f32x4.mul(s.get, f32x4.const(-beta))),
    expInPlace(locals, s),
    x.set(f32x4.mul(x.get, s.get)),
  ];
}
