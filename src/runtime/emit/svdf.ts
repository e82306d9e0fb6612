import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, memoryCopy, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import type { CellActivation } from './cells.js';
import { advance, doWhileBelow, forRange, repeat, storeLanes } from './loops.js';

/** Filters of low rank over the last features: see the operator SVDF. */
export interface SvdfSpec {
  readonly batches: number;
  readonly filters: number;
  readonly memory: number;
  readonly rank: number;
  readonly activation: CellActivation;
}

export const svdfKey = ({ activation, ...spec }: SvdfSpec): string => `svdf ${JSON.stringify(spec)} ${activation.key}`;

/** Floats of the weights of a unit, which are padded to whole vectors. */
export const svdfUnitFloats = ({ rank, memory }: Pick<SvdfSpec, 'rank' | 'memory'>): number =>
  Math.ceil((rank * memory) / 4) * 4;

/**
 * Writes `(features, state, weights, bias, out, from, to)`: moves the state on by one, puts the features `[N, F]` at the
 * end of each filter's memory, and sums the products of all filters of each unit. All of it, whatever the units of work.
 */
export function emitSvdf(module: WasmModule, spec: SvdfSpec): Func {
  const { batches, filters, memory, rank, activation } = spec;
  const units = filters / rank;
  return module.func('svdf', 7, (locals, [features, state, weights, bias, out]) => {
    const unit = new UnitSums(locals, spec);
    const channel = locals.i32();
    const sums = locals.v128();
    /** Up to four units, stored together. */
    const tile = (lanes: number): Code => [
      sums.set(f32x4.add(unit.sums(lanes), v128.load(i32.add(bias!.get, channel.get)))),
      activation.apply(locals, sums),
      storeLanes(i32.add(out!.get, channel.get), sums.get, lanes),
    ];
    const whole = Math.floor(units / 4) * 16;
    return [
      memoryCopy(state!.get, i32.add(state!.get, i32.const(4)), i32.const((batches * filters * memory - 1) * 4)),
      remember(locals, features!, state!, batches * filters, memory),
      unit.state.set(state!.get),
      repeat(locals.i32(), batches, [
        unit.weights.set(weights!.get),
        forRange(channel, i32.const(0), i32.const(whole), 16, tile(4)),
        units % 4 > 0 ? [channel.set(i32.const(whole)), tile(units % 4)] : [],
        advance(out!, units * 4),
      ]),
    ];
  });
}

/** Each feature becomes the last of its filter's memory. */
function remember(locals: Locals, features: Local<'i32'>, state: Local<'i32'>, count: number, memory: number): Code {
  const from = locals.i32();
  const to = locals.i32();
  return [
    to.set(i32.add(state.get, i32.const((memory - 1) * 4))),
    forRange(from, features.get, i32.add(features.get, i32.const(count * 4)), 4, [
      i32.store(to.get, i32.load(from.get)),
      advance(to, memory * 4),
    ]),
  ];
}

/** The sums of the products of state and weights of one unit after the other. */
class UnitSums {
  readonly state: Local<'i32'>;
  readonly weights: Local<'i32'>;
  readonly #spec: SvdfSpec;
  readonly #end: Local<'i32'>;
  readonly #parts: readonly Local<'v128'>[];

  constructor(locals: Locals, spec: SvdfSpec) {
    this.#spec = spec;
    this.state = locals.i32();
    this.weights = locals.i32();
    this.#end = locals.i32();
    this.#parts = locals.v128s(4);
  }

  /** Code that leaves the sums of the next `lanes` units, one in each lane. */
  sums(lanes: number): Expr<'v128'> {
    const [a, b, c, d] = this.#parts.map((p) => p.get) as [V, V, V, V];
    const low = (x: V, y: V) => v128.shuffle(x, y, lanesOf(0, 4, 1, 5));
    const high = (x: V, y: V) => v128.shuffle(x, y, lanesOf(2, 6, 3, 7));
    const pairs = (x: V, y: V) => f32x4.add(low(x, y), high(x, y));
    return [
      this.#parts.map((part, i) => (i < lanes ? this.#one(part) : part.set(f32x4.const(0)))),
      f32x4.add(
        v128.shuffle(pairs(a, b), pairs(c, d), lanesOf(0, 1, 4, 5)),
        v128.shuffle(pairs(a, b), pairs(c, d), lanesOf(2, 3, 6, 7)),
      ),
    ];
  }

  /** Four partial sums of a unit. What lies behind its state is left out: it may be anything. */
  #one(part: Local<'v128'>): Code {
    const { rank, memory } = this.#spec;
    const count = rank * memory;
    const rest = count % 4;
    const product = (state: V) => part.set(f32x4.add(part.get, f32x4.mul(state, v128.load(this.weights.get))));
    const mask = v128.const(Array.from({ length: 16 }, (_, i) => (i < rest * 4 ? 255 : 0)));
    return [
      part.set(f32x4.const(0)),
      count >= 4
        ? [
            this.#end.set(i32.add(this.state.get, i32.const((count - rest) * 4))),
            doWhileBelow(this.state, this.#end.get, [
              product(v128.load(this.state.get)),
              advance(this.state, 16),
              advance(this.weights, 16),
            ]),
          ]
        : [],
      rest > 0
        ? [product(v128.and(v128.load(this.state.get), mask)), advance(this.state, rest * 4), advance(this.weights, 16)]
        : [],
    ];
  }
}

type V = Expr<'v128'>;

/** Bytes of four 32-bit lanes, of which the second vector has 4 to 7. */
const lanesOf = (...lanes: readonly number[]): number[] => lanes.flatMap((l) => [0, 1, 2, 3].map((i) => 4 * l + i));
