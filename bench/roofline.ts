import { brIf, type Code, type Expr, loop } from '../src/wasm/code.js';
import { wasmHost } from '../src/wasm/host.js';
import { f32x4, i16x8, i32, i32x4, v128 } from '../src/wasm/instructions.js';
import { type Local, WasmModule } from '../src/wasm/module.js';

/** The fastest loops that registers alone allow; what a kernel's speed is held against. */
export type Roof = 'f32 mul+add' | 'f32 fma' | 'i16 dot';

interface Loop {
  /** Operations of one step on one accumulator; a multiplication with an addition counts as two. */
  readonly operations: number;
  step(sum: Expr<'v128'>, x: Expr<'v128'>): Expr<'v128'>;
}

const LOOPS: Readonly<Record<Roof, Loop>> = {
  'f32 mul+add': { operations: 8, step: (sum, x) => f32x4.add(f32x4.mul(sum, x), x) },
  'f32 fma': { operations: 8, step: (sum, x) => f32x4.relaxedMadd(sum, x, x) },
  'i16 dot': { operations: 16, step: (sum, x) => i32x4.add(i32x4.dotI16(sum, x), sum) },
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
  module.export('roof', func);
  const memory = new wasmHost.Memory({ initial: 1, maximum: 1 });
  const { exports } = new wasmHost.Instance(new wasmHost.Module(module.bytes()), { env: { memory } });
  return () => exports.roof?.(STEPS);
}

/** A loop, to be timed beside the kernels: one call is `operations` of them. */
export interface RoofLoop {
  readonly roof: Roof;
  readonly operations: number;
  run(): void;
}

/** The loops of one process; those with relaxed instructions only where the engine has them. */
export function roofLoops(hasRelaxed: boolean): RoofLoop[] {
  const roofs = (Object.keys(LOOPS) as Roof[]).filter((roof) => hasRelaxed || roof !== 'f32 fma');
  return roofs.flatMap((roof) =>
    ACCUMULATORS.map((n) => ({
      roof,
      operations: LOOPS[roof].operations * n * STEPS,
      run: compile(LOOPS[roof], n, roof !== 'i16 dot'),
    })),
  );
}
