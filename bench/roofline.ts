import { forRange } from '../src/runtime/emit/loops.js';
import { brIf, type Code, type Expr, loop } from '../src/wasm/code.js';
import type { Features } from '../src/wasm/features.js';
import { PAGE, wasmHost } from '../src/wasm/host.js';
import { f32x4, i16x8, i32, i32x4, v128 } from '../src/wasm/instructions.js';
import { type Func, type Local, WasmModule } from '../src/wasm/module.js';

/** The fastest loops that registers alone allow; what a kernel's speed is held against. */
export type Roof = 'f32 mul+add' | 'f32 fma' | 'i16 dot' | 'i8 dot';

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
export interface RoofLoop {
  readonly roof: Roof;
  readonly operations: number;
  run(): void;
}

/** The roof of float products. */
export const floatRoof = ({ relaxed }: Features): Roof => (relaxed ? 'f32 fma' : 'f32 mul+add');
/** The roof of integer products. */
export const integerRoof = ({ byteDot }: Features): Roof => (byteDot ? 'i8 dot' : 'i16 dot');

/** The loops of one process: those that the kernels of such an engine consist of, and plain ones. */
export function roofLoops(features: Features): RoofLoop[] {
  const roofs = [...new Set<Roof>(['f32 mul+add', 'i16 dot', floatRoof(features), integerRoof(features)])];
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
export interface ReadLoop {
  readonly bytes: number;
  readonly total: number;
  run(): void;
}

export function readLoops(): ReadLoop[] {
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
