import type { Code, Expr } from '../../wasm/code.js';
import { i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { forRange, storeLanes } from './loops.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';

/** Elements that are one unit of work: a line of the cache. */
export const FLAT_UNIT = 16;

/** Elements that become floats when they are loaded. */
export interface Source {
  readonly key: string;
  /** Bytes of one element: 1, 2 or 4. */
  readonly bytes: number;
  /** Sets `x` to the four floats at an address. */
  load(locals: Locals, x: Local<'v128'>, address: Expr<'i32'>, offset: number): Code;
}

const FLOATS: Source = {
  key: 'f32',
  bytes: 4,
  load: (_, x, address, offset) => x.set(v128.load(address, offset)),
};

/**
 * Writes `(x, out, ...operands, from, to)`: applies stages to a tensor. Without operands by channel the units are
 * {@link FLAT_UNIT} elements, and the last one may run over the end; else they are rows of `channels`.
 */
export function emitElementwise(
  module: WasmModule,
  stages: readonly Stage[],
  channels: number | undefined,
  source = FLOATS,
): Func {
  const operands = stageOperands(stages).length;
  return module.func('elementwise', 4 + operands, (locals, parameters) => {
    const [x, out] = parameters as [Local<'i32'>, Local<'i32'>];
    const pointers = parameters.slice(2, -2);
    const [from, to] = parameters.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const offset = locals.i32();
    const channel = locals.i32();
    const value = locals.v128();
    const at = (pointer: Local<'i32'>) => i32.add(pointer.get, offset.get);
    const narrowing = Math.log2(4 / source.bytes);
    const sourceAt = (pointer: Local<'i32'>) =>
      i32.add(pointer.get, narrowing === 0 ? offset.get : i32.shrU(offset.get, i32.const(narrowing)));
    const one = (constant: number, lanes = 4): Code => [
      source.load(locals, value, sourceAt(x), (constant * source.bytes) / 4),
      applyStages(stages, locals, value, pointers, {
        element: [offset.get, constant],
        channel: [channel.get, constant],
      }),
      storeLanes(at(out), value.get, lanes, constant),
    ];
    if (channels === undefined) {
      const isLong = stages.some((s) => s.isLong);
      const unit = FLAT_UNIT * 4;
      const bytes = (units: Local<'i32'>) => i32.mul(units.get, i32.const(unit));
      return isLong
        ? forRange(offset, bytes(from), bytes(to), 16, one(0))
        : forRange(
            offset,
            bytes(from),
            bytes(to),
            unit,
            [0, 16, 32, 48].map((c) => one(c)),
          );
    }
    const row = locals.i32();
    const whole = Math.floor(channels / 4) * 16;
    const rest = channels % 4;
    return forRange(row, from.get, to.get, 1, [
      offset.set(i32.mul(row.get, i32.const(channels * 4))),
      forRange(channel, i32.const(0), i32.const(whole), 16, [one(0), offset.set(i32.add(offset.get, i32.const(16)))]),
      rest > 0 ? one(0, rest) : [],
    ]);
  });
}

export const elementwiseKey = (stages: readonly Stage[], channels: number | undefined, source = FLOATS): string =>
  `elementwise ${source.key} ${stagesKey(stages)} ${channels}`;
