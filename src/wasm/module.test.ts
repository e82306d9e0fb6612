import { describe, expect, it } from 'vitest';
import { wasmHost } from './host.js';
import { f32, i32, v128 } from './instructions.js';
import { call, WasmModule } from './module.js';
import { instantiate, runWith } from './testing.js';

describe('modules', () => {
  it('an empty one is valid, shared or not', () => {
    for (const shared of [false, true]) expect(wasmHost.validate(new WasmModule({ shared }).bytes())).toBe(true);
  });

  it('locals of one type in a row share a declaration, and each keeps its own value', () => {
    const module = new WasmModule();
    const func = module.func('f', 1, (locals) => {
      const [a, b] = [locals.i32(), locals.i32()];
      const x = locals.f32();
      const [p, q] = locals.v128s(2);
      const c = locals.i32();
      expect([a, b, x, p!, q!, c].map((l) => l.index)).toEqual([1, 2, 3, 4, 5, 6]);
      return [
        a.set(i32.const(11)),
        x.set(f32.const(2.5)),
        q!.set(v128.load(i32.const(64))),
        i32.store(i32.const(0), c.tee(i32.add(a.get, b.get))),
        i32.store(i32.const(4), c.get),
        f32.store(i32.const(8), x.get),
        v128.store(i32.const(16), q!.get),
      ];
    });
    module.export('f', func);
    const bytes = module.bytes();
    // Four runs: two i32, one f32, two v128, one i32.
    expect(Buffer.from(bytes).includes(Buffer.from([4, 2, 0x7f, 1, 0x7d, 2, 0x7b, 1, 0x7f]))).toBe(true);
    const memory = instantiate(module, [...new Uint8Array(64), ...Array.from({ length: 16 }, (_, i) => i)]).run(0);
    expect([...new Int32Array(memory.buffer, 0, 2)]).toEqual([11, 11]);
    expect(new Float32Array(memory.buffer, 8, 1)[0]).toBe(2.5);
    expect([...memory.subarray(16, 32)]).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });

  it('imports come first and are called with their arguments', () => {
    const module = new WasmModule();
    const tell = module.import('tell', 2);
    const twice = module.func('twice', 1, (_, [n]) => call(tell, [n!.get, i32.add(n!.get, n!.get)]));
    module.export(
      'f',
      module.func('f', 1, (_, [n]) => [call(twice, [n!.get]), call(twice, [i32.const(-5)])]),
    );
    expect(() => module.import('late', 0)).toThrow('imports come before functions');
    const told: number[][] = [];
    instantiate(module, [], { tell: (...args: number[]) => told.push(args) }).run(21);
    expect(told).toEqual([
      [21, 42],
      [-5, -10],
    ]);
    expect(module.size).toBeGreaterThan(0);
  });

  it('large bodies and many functions have the right lengths', () => {
    const module = new WasmModule();
    const functions = Array.from({ length: 300 }, (_, k) =>
      module.func(`f${k}`, 1, (_, [at]) =>
        Array.from({ length: k }, () => i32.store(at!.get, i32.add(i32.load(at!.get), i32.const(k)))),
      ),
    );
    module.export(
      'f',
      module.func('f', 0, () => functions.map((func) => call(func, [i32.const(8)]))),
    );
    const total = functions.reduce((sum, _, k) => sum + k * k, 0);
    expect(new Int32Array(instantiate(module).run().buffer)[2]).toBe(total);
  });

  it('an address outside of the memory traps', () => {
    expect(() => runWith([], [65536], (_, [at]) => i32.store(at!.get, i32.const(1)))).toThrow('out of bounds');
    expect(() => runWith([], [-1], (_, [at]) => i32.store8(at!.get, i32.const(1)))).toThrow('out of bounds');
    expect(() => runWith([], [65535], (_, [at]) => i32.store8(at!.get, i32.const(1)))).not.toThrow();
  });
});
