import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bytes, block, br, brIf, type Code, loop, signed, unsigned, when } from './code.js';
import { i32 } from './instructions.js';
import { runWith } from './testing.js';

/** LEB128 as the specification of WebAssembly defines it, section 5.2.2. */
function decode(bytes: readonly number[], isSigned: boolean): number {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte & 127) << BigInt(7 * i);
  return Number(isSigned ? BigInt.asIntN(7 * bytes.length, value) : value);
}
const isWhole = (bytes: readonly number[]): boolean => bytes.every((b, i) => b >= 128 === i < bytes.length - 1);

describe('LEB128', () => {
  it('gives the bytes of the examples of the DWARF specification', () => {
    expect([2, 127, 128, 129, 12857].map(unsigned)).toEqual([[2], [127], [0x80, 1], [0x81, 1], [0xb9, 0x64]]);
    expect([2, -2, 127, -127, 128, -128].map(signed)).toEqual([[2], [0x7e], [0xff, 0], [0x81, 0x7f], [0x80, 1], [0x80, 0x7f]]); // biome-ignore format: one list
  });

  it('is read back as the same number, in as few bytes as can be', () => {
    const uint32 = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(uint32, (n) => {
        const bytes = unsigned(n);
        expect(isWhole(bytes) && decode(bytes, false)).toBe(n);
        expect(bytes.length).toBe(Math.max(1, Math.ceil(n.toString(2).length / 7)));
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (n) => {
        const bytes = signed(n);
        expect(isWhole(bytes) && decode(bytes, true)).toBe(n);
        const bits = 33 - Math.clz32(n < 0 ? ~n : n);
        expect(bytes.length).toBe(Math.ceil(bits / 7));
      }),
    );
  });
});

describe('blocks and branches', () => {
  const bytesOf = (code: Code): number[] => {
    const bytes = new Bytes();
    bytes.write(code);
    return [...bytes.take()];
  };

  it('a branch counts the blocks around it', () => {
    const code = block((outer) => loop((again) => [br(outer), br(again), when(i32.const(1), br(outer), br(again))]));
    // block, loop, br 1, br 0, i32.const 1, if, br 2, else, br 1, end, end, end
    expect(bytesOf(code)).toEqual([
      2, 0x40, 3, 0x40, 0x0c, 1, 0x0c, 0, 0x41, 1, 4, 0x40, 0x0c, 2, 5, 0x0c, 1, 0x0b, 0x0b, 0x0b,
    ]); // biome-ignore format: one line
  });

  it('a branch outside of its block is refused', () => {
    let label: Parameters<typeof br>[0] | undefined;
    const closed = block((exit) => {
      label = exit;
      return [];
    });
    expect(() => bytesOf([closed, br(label!)])).toThrow("a branch to 'exit' stands outside of its block");
  });

  it('loops, exits and conditions run as they are nested', () => {
    // The sum of the odd numbers below n that come before the first multiple of 11.
    const run = (n: number) =>
      new Int32Array(
        runWith([], [n], (locals, [end]) => {
          const [i, total] = [locals.i32(), locals.i32()];
          return [
            block((exit) =>
              loop((again) => [
                i.set(i32.add(i.get, i32.const(1))),
                brIf(exit, i32.geS(i.get, end!.get)),
                brIf(exit, i32.eqz(i32.remU(i.get, i32.const(11)))),
                when(i32.and(i.get, i32.const(1)), total.set(i32.add(total.get, i.get)), br(again)),
                br(again),
              ]),
            ),
            i32.store(i32.const(0), total.get),
          ];
        }).buffer,
      )[0];
    expect([0, 1, 2, 6, 11, 40].map(run)).toEqual([0, 0, 1, 9, 25, 25]);
  });

  it('bytes grow beyond their first room, and deep nests are written', () => {
    const bytes = new Bytes();
    bytes.append(new Uint8Array(10000).fill(7));
    bytes.write(Array.from({ length: 300 }, () => 9));
    expect(bytes.length).toBe(10300);
    expect([...bytes.take().subarray(9998, 10002)]).toEqual([7, 7, 9, 9]);
    const nest = (depth: number): Code => (depth === 0 ? 0x01 : block(() => nest(depth - 1)));
    expect(bytesOf(nest(200))).toHaveLength(3 * 200 + 1);
  });
});
