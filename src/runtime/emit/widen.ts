import { type Code, type Expr, when } from '../../wasm/code.js';
import { i16x8, i32, memoryFill, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { load8 } from './bytes.js';
import { advance, forRange, whileBelow } from './loops.js';
import type { Border } from './pad-rows.js';

/** Bytes that become 16-bit integers less their zero point. */
export interface WidenSpec {
  readonly isSigned: boolean;
  readonly zeroPoint: number;
}

const eight = ({ isSigned, zeroPoint }: WidenSpec, address: Expr<'i32'>, offset = 0): Expr<'v128'> => {
  const wide = load8(isSigned)(address, offset);
  return zeroPoint === 0 ? wide : i16x8.sub(wide, i16x8.const(zeroPoint));
};

/** Elements that are one unit of {@link emitWiden}: what they become is a line of the cache. */
export const WIDE_UNIT = 32;

/** Writes `(x, q, from, to)`: the units are {@link WIDE_UNIT} elements, and the last one may run over the end. */
export function emitWiden(module: WasmModule, spec: WidenSpec): Func {
  return module.func('widen', 4, (locals, [x, q, from, to]) => {
    const i = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    return forRange(i, from!.get, to!.get, 1, [
      source.set(i32.add(x!.get, i32.mul(i.get, i32.const(WIDE_UNIT)))),
      target.set(i32.add(q!.get, i32.mul(i.get, i32.const(2 * WIDE_UNIT)))),
      [0, 8, 16, 24].map((c) => v128.store(target.get, eight(spec, source.get, c), 2 * c)),
    ]);
  });
}

/** Widens `count` elements and writes no more than that; both pointers move on. */
function widenRun(locals: Locals, spec: WidenSpec, x: Local<'i32'>, q: Local<'i32'>, count: number): Code {
  const end = locals.i32();
  const rest = locals.v128();
  const left = count % 8;
  const lane = { 4: v128.store64Lane, 2: v128.store32Lane, 1: v128.store16Lane } as const;
  let done = 0;
  const tail = ([4, 2, 1] as const).map((size) => {
    if (left - done < size) return [];
    done += size;
    return lane[size](q.get, rest.get, (done - size) / size, 2 * (done - size));
  });
  return [
    end.set(i32.add(x.get, i32.const(count - left))),
    whileBelow(x, end.get, [v128.store(q.get, eight(spec, x.get)), advance(x, 8), advance(q, 16)]),
    left > 0 ? [rest.set(eight(spec, x.get)), tail, advance(x, left), advance(q, 2 * left)] : [],
  ];
}

/** Images that become wider, with a border of zeros. */
export interface WidenImagesSpec extends WidenSpec {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly border: Border;
  /** Elements of a pixel of the result, at least as many as channels; what the others are is not said. */
  readonly pixel: number;
  /** Each channel stands this many times. */
  readonly repeat: number;
}

/** Bytes of one widened image. */
export const wideImageBytes = ({ height, width, border, pixel }: WidenImagesSpec): number =>
  (height + border.top + border.bottom) * (width + border.left + border.right) * pixel * 2;

/** Writes `(x, q, from, to)`: the units are the rows of all images with their border. */
export function emitWidenImages(module: WasmModule, spec: WidenImagesSpec): Func {
  const { height, width, channels, border, pixel, repeat } = spec;
  const rows = height + border.top + border.bottom;
  const wide = (width + border.left + border.right) * pixel * 2;
  return module.func('widen_images', 4, (locals, [x, q, from, to]) => {
    const row = locals.i32();
    const y = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const clear = (pixels: number): Code =>
      pixels > 0
        ? [memoryFill(target.get, i32.const(0), i32.const(pixels * pixel * 2)), advance(target, pixels * pixel * 2)]
        : [];
    const pixels = locals.i32();
    const onePixel =
      repeat > 1
        ? repeated(locals, spec, source, target)
        : [widenRun(locals, spec, source, target, channels), advance(target, (pixel - channels) * 2)];
    const body =
      pixel === channels && repeat === 1
        ? widenRun(locals, spec, source, target, width * channels)
        : forRange(pixels, i32.const(0), i32.const(width), 1, onePixel);
    const image = i32.mul(i32.divU(row.get, i32.const(rows)), i32.const(height));
    return forRange(row, from!.get, to!.get, 1, [
      target.set(i32.add(q!.get, i32.mul(row.get, i32.const(wide)))),
      y.set(i32.sub(i32.remU(row.get, i32.const(rows)), i32.const(border.top))),
      when(
        i32.ltU(y.get, i32.const(height)),
        [
          source.set(i32.add(x!.get, i32.mul(i32.add(image, y.get), i32.const(width * channels)))),
          clear(border.left),
          body,
          clear(border.right),
        ],
        clear(width + border.left + border.right),
      ),
    ]);
  });
}

/** One pixel whose channels stand several times. */
function repeated(locals: Locals, spec: WidenImagesSpec, source: Local<'i32'>, target: Local<'i32'>): Code {
  const { channels, repeat, pixel, isSigned, zeroPoint } = spec;
  const channel = locals.i32();
  const value = locals.i32();
  const load = isSigned ? i32.load8S : i32.load8U;
  return [
    forRange(channel, i32.const(0), i32.const(channels), 1, [
      value.set(i32.sub(load(source.get), i32.const(zeroPoint))),
      Array.from({ length: repeat }, (_, i) => i32.store16(target.get, value.get, 2 * i)),
      advance(source, 1),
      advance(target, 2 * repeat),
    ]),
    advance(target, (pixel - channels * repeat) * 2),
  ];
}
