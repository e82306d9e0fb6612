import { expect, it } from 'vitest';
import { copyView, type View, wholeView } from '../../ops/view.js';
import { wasmHost } from '../../wasm/host.js';
import { WasmModule } from '../../wasm/module.js';
import { copySpec } from '../kernels/copies.js';
import { copyUnits, emitCopy } from './copy.js';

/** Numbers below `n`, always the same ones. */
function seeded(): (n: number) => number {
  let state = 1;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const ROOM = 1 << 15;

/** A window with each axis turned, stretched, repeated or whole, and axes in any order. */
function randomView(shape: readonly number[], below: (n: number) => number): View {
  const order = shape.map((_, i) => i).sort(() => below(3) - 1);
  const strides = shape.map(() => 0);
  let offset = 0;
  let step = 1;
  for (const axis of order) {
    const size = shape[axis] as number;
    const kind = below(6);
    strides[axis] = kind === 0 ? 0 : kind === 1 ? -step : step;
    if (kind === 1) offset += (size - 1) * step;
    if (kind !== 0) step *= size + (below(3) === 0 ? 1 : 0);
  }
  return { shape, offset, strides };
}

it('copies of random windows write the same bytes as the plain ones, and no others', () => {
  const below = seeded();
  for (let round = 0; round < 400; round++) {
    const element = [1, 2, 4, 8][below(4)] as number;
    const dtype = ({ 1: 'u8', 2: 'i16', 4: 'i32', 8: 'f64' } as const)[element as 1];
    const shape = Array.from({ length: 1 + below(4) }, () => [1, 2, 3, 4, 5, 7, 8, 16, 17, 33][below(10)] as number);
    if (shape.reduce((a, b) => a * b, element) > ROOM / 4) continue;
    const from = randomView(shape, below);
    const to = wholeView(shape);
    const spec = copySpec(from, to, element);
    const module = new WasmModule();
    module.export('copy', emitCopy(module, spec));
    const memory = new wasmHost.Memory({ initial: 4, maximum: 4 });
    const instance = new wasmHost.Instance(new wasmHost.Module(module.bytes()), { env: { memory } });
    const bytes = new Uint8Array(memory.buffer);
    for (let i = 0; i < ROOM; i++) bytes[ROOM + i] = below(256);
    const expected = new Uint8Array(ROOM);
    const words = (array: Uint8Array) => new Int32Array(array.buffer, array.byteOffset, array.byteLength / 4);
    const typed = (array: Uint8Array) => {
      if (element === 1) return array;
      if (element === 2) return new Int16Array(array.buffer, array.byteOffset, array.byteLength / 2);
      return element === 4 ? words(array) : new Float64Array(array.buffer, array.byteOffset, array.byteLength / 8);
    };
    copyView(dtype, typed(bytes.subarray(ROOM, 2 * ROOM)), from, typed(expected.subarray(64)), to);
    const units = copyUnits(spec);
    const middle = below(units + 1);
    for (const [first, last] of [
      [0, middle],
      [middle, units],
    ])
      instance.exports.copy?.(ROOM + from.offset * element, 2 * ROOM + 64, first as number, last as number);
    const isEqual = Buffer.compare(bytes.subarray(2 * ROOM, 3 * ROOM), expected) === 0;
    expect(isEqual, `${shape} of ${element}: ${JSON.stringify(spec)}`).toBe(true);
  }
});
