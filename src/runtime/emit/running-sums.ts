import { type Code, when } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Locals, WasmModule } from '../../wasm/module.js';
import { forChannels } from './channels.js';
import { advance, forRange, repeat, storeLanes } from './loops.js';

/** Sums along the middle axis of `[rows, size, inner]`, of 32-bit elements. */
export interface RunningSumsSpec {
  readonly rows: number;
  readonly size: number;
  readonly inner: number;
  readonly isFloat: boolean;
  /** Each sum leaves its own element out. */
  readonly exclusive: boolean;
  /** From the end on. */
  readonly reverse: boolean;
}

/** Rows of single elements that are summed beside one another: an addition waits for the one before. */
const SIDE_BY_SIDE = 4;

/** Units of work: rows, or groups of them. */
export const runningSumUnits = ({ rows, inner }: RunningSumsSpec): number =>
  inner === 1 ? Math.ceil(rows / SIDE_BY_SIDE) : rows;

/** A series of vectors `offset` bytes from the pointers, of which the first lanes count. */
interface Series {
  readonly offset: number;
  readonly lanes: number;
}

/** Writes `(x, out, from, to)`; the units are those of {@link runningSumUnits}. */
export function emitRunningSums(module: WasmModule, spec: RunningSumsSpec): Func {
  const { rows, size, inner } = spec;
  const rowBytes = size * inner * 4;
  return module.func('running_sums', 4, (locals, [x, out, from, to]) => {
    const unit = locals.i32();
    const shift = locals.i32();
    const sums = seriesOf(locals, spec);
    if (inner > 1) {
      const channel = locals.i32();
      const place = () => i32.add(shift.get, channel.get);
      return forRange(unit, from!.get, to!.get, 1, [
        shift.set(i32.mul(unit.get, i32.const(rowBytes))),
        forChannels(channel, inner, 4, (vectors, lanes) =>
          sums(
            Array.from({ length: vectors }, (_, j) => ({ offset: 16 * j, lanes })),
            i32.add(x!.get, place()),
            i32.add(out!.get, place()),
          ),
        ),
      ]);
    }
    const beside = (count: number) =>
      sums(
        Array.from({ length: count }, (_, j) => ({ offset: j * rowBytes, lanes: 1 })),
        i32.add(x!.get, shift.get),
        i32.add(out!.get, shift.get),
      );
    const rest = rows % SIDE_BY_SIDE;
    const last = Math.floor(rows / SIDE_BY_SIDE);
    return forRange(unit, from!.get, to!.get, 1, [
      shift.set(i32.mul(unit.get, i32.const(SIDE_BY_SIDE * rowBytes))),
      rest === 0
        ? beside(SIDE_BY_SIDE)
        : when(i32.eq(unit.get, i32.const(last)), beside(rest), last > 0 ? beside(SIDE_BY_SIDE) : []),
    ]);
  });
}

type SumSeries = (series: readonly Series[], from: ReturnType<typeof i32.add>, to: ReturnType<typeof i32.add>) => Code;

function seriesOf(locals: Locals, { size, inner, isFloat, exclusive, reverse }: RunningSumsSpec): SumSeries {
  const [p, q, counter] = [locals.i32(), locals.i32(), locals.i32()];
  const all = locals.v128s(4);
  const next = locals.v128();
  const step = (reverse ? -4 : 4) * inner;
  const first = i32.const(reverse ? (size - 1) * inner * 4 : 0);
  const { add } = isFloat ? f32x4 : i32x4;
  return (series, from, to) => [
    p.set(i32.add(from, first)),
    q.set(i32.add(to, first)),
    all.slice(0, series.length).map((sum) => sum.set(i32x4.const(0))),
    repeat(counter, size, [
      series.map(({ offset, lanes }, i) => {
        const sum = all[i]!;
        const element = lanes === 1 ? v128.load32Zero(p.get, offset) : v128.load(p.get, offset);
        const store = storeLanes(q.get, sum.get, lanes, offset);
        if (!exclusive) return [sum.set(add(sum.get, element)), store];
        return [next.set(add(sum.get, element)), store, sum.set(next.get)];
      }),
      advance(p, step),
      advance(q, step),
    ]),
  ];
}
