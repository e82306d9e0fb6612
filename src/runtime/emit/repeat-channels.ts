import { i32, v128 } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import { advance, forRange, repeat, storeLanes } from './loops.js';

/** Writes `(x, out, from, to)`: every 32-bit element of rows of `channels` is written `times` times. The units are rows. */
export function emitRepeatChannels(module: WasmModule, channels: number, times: number): Func {
  return module.func('repeat_channels', 4, (locals, [x, out, from, to]) => {
    const row = locals.i32();
    const element = locals.i32();
    const address = locals.i32();
    const value = locals.v128();
    const channel = locals.i32();
    const vector = locals.i32();
    return forRange(row, from!.get, to!.get, 1, [
      element.set(i32.add(x!.get, i32.mul(row.get, i32.const(channels * 4)))),
      address.set(i32.add(out!.get, i32.mul(row.get, i32.const(channels * times * 4)))),
      repeat(channel, channels, [
        value.set(v128.load32Splat(element.get)),
        repeat(vector, times >> 2, [v128.store(address.get, value.get), advance(address, 16)]),
        times % 4 > 0 ? [storeLanes(address.get, value.get, times % 4), advance(address, 4 * (times % 4))] : [],
        advance(element, 4),
      ]),
    ]);
  });
}
