import { wasmHost } from './host.js';
import { f32x4, i32, i32x4, v128 } from './instructions.js';
import { WasmModule } from './module.js';

/**
 * How the dot product of bytes takes those of its second operand, beyond the 0..127 that every engine knows. Where they are
 * signed, it is exact but for the byte -128 in the first one: two products of -128 do not fit the 16 bits in between.
 */
export type ByteDot = 'unsigned' | 'signed';

/** What the engine's WebAssembly can do beyond SIMD with 128 bits, which it must have. */
export interface Features {
  /** Fused multiply-add. */
  readonly relaxed: boolean;
  /** The dot product of four bytes is exact, and that makes it fast: engines do it with few instructions. */
  readonly byteDot?: ByteDot | undefined;
}

const zero = i32.const(0);

/** A module of that one function, if the engine accepts it. */
function accepted(code: Parameters<WasmModule['func']>[2]): Uint8Array<ArrayBuffer> | undefined {
  const module = new WasmModule();
  module.export('f', module.func('f', 0, code));
  const bytes = module.bytes();
  return wasmHost.validate(bytes) ? bytes : undefined;
}

/** True when the engine has SIMD at all. */
export const hasSimd = (): boolean =>
  accepted(() => v128.store(zero, f32x4.add(v128.load(zero), v128.load(zero)))) !== undefined;

/** Sums of products of four bytes, the first ones signed, as numbers of 32 bits; the arguments lie in memory. */
const [first, second, added] = [v128.load(zero), v128.load(zero, 16), v128.load(zero, 32)];
const dotInMemory = () => v128.store(zero, i32x4.relaxedDotAdd(first, second, added), 48);

/** Asks the engine: by validating small modules, and where its choice counts by running one. */
export function detectFeatures(): Features {
  const relaxed = accepted(() => v128.store(zero, f32x4.relaxedMadd(first, second, added))) !== undefined;
  const bytes = relaxed ? accepted(dotInMemory) : undefined;
  if (!bytes) return { relaxed };
  const memory = new wasmHost.Memory({ initial: 1, maximum: 1 });
  const { exports } = new wasmHost.Instance(new wasmHost.Module(bytes), { env: { memory } });
  return { relaxed, byteDot: byteDotOf(memory.buffer, () => exports.f!()) };
}

/** Bytes where other ways to compute the product saturate, wrap around or take the wrong sign. */
const EXTREMES = [255, 254, 129, 128, 127, 126, 1, 0];

/**
 * The standard leaves the second operand's bytes beyond 127 to the engine, which must take them the same way every time.
 * Processors with an instruction for unsigned ones are exact; others saturate in between, which the extremes show. Those
 * that take signed ones have 16 bits in between at least.
 * @param dot Computes the product of what lies at 0 and 16 plus what lies at 32 of the memory, and stores it at 48.
 */
export function byteDotOf(memory: ArrayBuffer, dot: () => void): ByteDot | undefined {
  const [signed, unsigned, sums] = [new Int8Array(memory), new Uint8Array(memory), new Int32Array(memory)];
  let possible: readonly ByteDot[] = ['unsigned', 'signed'];
  for (let round = 0; possible.length > 0 && round < EXTREMES.length ** 2; round++) {
    for (let i = 0; i < 16; i++) {
      const first = EXTREMES[(round + (i >> 1) * 3) % EXTREMES.length]!;
      signed[i] = first === 128 ? 127 : first;
      unsigned[16 + i] = EXTREMES[(Math.floor(round / EXTREMES.length) + (i >> 1) * 5) % EXTREMES.length]!;
    }
    sums.fill(round * 1e6, 8, 12);
    dot();
    possible = possible.filter((kind) => {
      const seconds = kind === 'signed' ? signed : unsigned;
      const sumOf = (lane: number) =>
        [0, 1, 2, 3].reduce((sum, i) => sum + signed[4 * lane + i]! * seconds[16 + 4 * lane + i]!, sums[8 + lane]!);
      return [0, 1, 2, 3].every((lane) => sums[12 + lane] === sumOf(lane));
    });
  }
  return possible[0];
}
