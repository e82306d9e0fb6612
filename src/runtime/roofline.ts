import { brIf, type Code, type Expr, loop } from '../wasm/code.js';
import type { Features } from '../wasm/features.js';
import { PAGE, wasmHost } from '../wasm/host.js';
import { f32x4, i16x8, i32, i32x4, v128 } from '../wasm/instructions.js';
import { type Func, type Local, WasmModule } from '../wasm/module.js';
import type { NodeProfile } from './api.js';
import { forRange } from './emit/loops.js';

/** The fastest loops that registers alone allow. */
export type Roof = 'f32 mul+add' | 'f32 fma' | 'i16 dot' | 'i8 dot';

/** How near a kernel is to what the machine can do. */
export interface RooflineShare {
  /** What takes longer at best: the arithmetic, or reading inputs and weights and writing outputs. */
  readonly bound: 'compute' | 'memory';
  /** The shortest possible time over the time that it took. Inputs that other kernels left in a nearer cache exceed 1. */
  readonly share: number;
}

/**
 * What this machine can do, measured in the same process as the kernels that are held against it: loops of arithmetic in
 * registers, and of loads over as much memory as a kernel touches.
 */
export class Roofline {
  /** Billions of operations in a second. */
  readonly gops = new Map<Roof, number>();
  /** Bytes in a loop -> GB/s of reading them. */
  readonly bandwidths = new Map<number, number>();
  readonly #features: Features;
  readonly #loops: readonly RoofLoop[];
  readonly #readers: readonly ReadLoop[];

  constructor(features: Features) {
    this.#features = features;
    this.#loops = roofLoops([...new Set<Roof>(['f32 mul+add', 'i16 dot', this.#floats, this.#integers])]);
    this.#readers = readLoops();
  }

  get #floats(): Roof {
    return this.#features.relaxed ? 'f32 fma' : 'f32 mul+add';
  }
  get #integers(): Roof {
    return this.#features.byteDot ? 'i8 dot' : 'i16 dot';
  }

  /** Runs each loop once. The best of all rounds counts; the first ones are slow until an engine has compiled them. */
  measure(): void {
    const best = <K>(rates: Map<K, number>, key: K, amount: number, run: () => void) => {
      const start = performance.now();
      run();
      rates.set(key, Math.max(rates.get(key) ?? 0, amount / (performance.now() - start) / 1e6));
    };
    for (const { roof, operations, run } of this.#loops) best(this.gops, roof, operations, run);
    for (const { bytes, total, run } of this.#readers) best(this.bandwidths, bytes, total, run);
  }

  /** How near a kernel is to the roofline; undefined where operators run their reference kernels, or take no time. */
  shareOf({ kernel, macs, bytes, ms, times = 1 }: NodeProfile): RooflineShare | undefined {
    if (/^(reference|graphs|view)$/.test(kernel) || !(ms > 0)) return undefined;
    const compute = (2 * macs) / this.#gopsFor(kernel) / 1e6;
    const memory = bytes / this.#bandwidthFor(bytes / times) / 1e6;
    return compute > memory ? { bound: 'compute', share: compute / ms } : { bound: 'memory', share: memory / ms };
  }

  #gopsFor(kernel: string): number {
    const isWide = /^(depthwise|transpose_conv)_[iu]8(?!.*_dots)/.test(kernel);
    const roof = isWide ? 'i16 dot' : /_(hybrid|[iu]8)/.test(kernel) ? this.#integers : this.#floats;
    return this.gops.get(roof) ?? Number.NaN;
  }

  /** GB/s of reading so many bytes over and over. */
  #bandwidthFor(bytes: number): number {
    const rates = [...this.bandwidths];
    return (rates.find(([size]) => bytes <= size * 1.5) ?? rates.at(-1))?.[1] ?? Number.NaN;
  }
}

interface Loop {
  /** Operations of one step on one accumulator; a multiplication with an addition counts as two. */
  readonly operations: number;
  step(sum: Expr<'v128'>, x: Expr<'v128'>): Expr<'v128'>;
}

const LOOPS: Readonly<Record<Roof, Loop>> = {
  'f32 mul+add': { operations: 8, step: (sum, x) => f32x4.add(f32x4.mul(sum, x), x) },
  'f32 fma': { operations: 8, step: (sum, x) => f32x4.relaxedMadd(sum, x, x) },
  'i16 dot': { operations: 16, step: (sum, x) => i32x4.add(i32x4.dotI16(sum, x), sum) },
  'i8 dot': { operations: 32, step: (sum, x) => i32x4.relaxedDotAdd(x, x, sum) },
};

/** Numbers of accumulators: few do not hide the latency, many do not fit the registers. */
const ACCUMULATORS = [8, 10, 11, 12, 13];
const STEPS = 200_000;

/** A function that runs the loop; the accumulators are stored at its end so that nobody drops them. */
function compile({ step }: Loop, accumulators: number, isFloat: boolean): () => void {
  const module = new WasmModule();
  const func = module.func('roof', 1, (locals, [count]) => {
    const sums = locals.v128s(accumulators);
    const x = locals.v128();
    const start = (n: number) => (isFloat ? f32x4.const(n) : i16x8.const(n));
    return [
      x.set(isFloat ? f32x4.const(1e-3) : i16x8.const(3)),
      sums.map((sum, i) => sum.set(start(i))),
      loop((again) => [
        sums.map((sum) => sum.set(step(sum.get, x.get))),
        brIf(again, (count as Local<'i32'>).tee(i32.sub((count as Local<'i32'>).get, i32.const(1)))),
      ]),
      sums.map((sum): Code => v128.store(i32.const(0), v128.xor(v128.load(i32.const(0)), sum.get))),
    ];
  });
  const roof = instance(module, func, 1);
  return () => roof(STEPS);
}

function instance(module: WasmModule, func: Func, pages: number): (argument: number) => void {
  module.export('roof', func);
  const memory = new wasmHost.Memory({ initial: pages, maximum: pages });
  // Pages that nobody has written to are all the same one.
  new Uint8Array(memory.buffer).fill(1);
  const { exports } = new wasmHost.Instance(new wasmHost.Module(module.bytes()), { env: { memory } });
  return exports.roof as (argument: number) => void;
}

/** A loop, to be timed beside the kernels: one call is `operations` of them. */
interface RoofLoop {
  readonly roof: Roof;
  readonly operations: number;
  run(): void;
}

/** The loops for some roofs, each with several numbers of accumulators: the best counts. */
function roofLoops(roofs: readonly Roof[]): RoofLoop[] {
  return roofs.flatMap((roof) =>
    ACCUMULATORS.map((n) => ({
      roof,
      operations: LOOPS[roof].operations * n * STEPS,
      run: compile(LOOPS[roof], n, roof.startsWith('f32')),
    })),
  );
}

/** Bytes that are read over and over: of each cache, and of more than they hold. */
const SIZES = [1 << 15, 1 << 18, 1 << 20, 1 << 22, 1 << 24];
const LINE = 128;
/** Bytes of one measurement. */
const READ = 1 << 25;

/** A loop that reads `bytes` as fast as one core can: one call reads `total`. */
interface ReadLoop {
  readonly bytes: number;
  readonly total: number;
  run(): void;
}

function readLoops(): ReadLoop[] {
  const module = new WasmModule();
  const func = module.func('read', 1, (locals, [end]) => {
    const sums = locals.v128s(4);
    const at = locals.i32();
    const loads = Array.from({ length: LINE / 16 }, (_, i): Code => {
      const sum = sums[i % sums.length] as Local<'v128'>;
      return sum.set(v128.or(sum.get, v128.load(at.get, 16 * i)));
    });
    const body = forRange(at, i32.const(0), (end as Local<'i32'>).get, LINE, loads);
    return [body, sums.map((sum): Code => v128.store(i32.const(0), v128.or(v128.load(i32.const(0)), sum.get)))];
  });
  const read = instance(module, func, Math.max(...SIZES) / PAGE);
  return SIZES.map((bytes) => {
    const times = READ / bytes;
    const run = () => {
      for (let i = 0; i < times; i++) read(bytes);
    };
    return { bytes, total: READ, run };
  });
}
