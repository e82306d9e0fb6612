import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/bytes/source.js';
import { load } from '../../../src/node/runtime.js';
import { modelBytes, testKernels } from '../kernel-case.js';

const gather = (params: string, indices: string, out: string, options = '', dtype = 'f32', index = 'i32') =>
  `graph main(%x: ${dtype}[${params}], %i: ${index}[${indices}]) {
  %y = GATHER(%x, %i) ${options} : ${dtype}[${out}]
  return %y
}`;

const lookup = (value: string, ids: readonly number[], row: number) => `graph main(%i: i32[${ids.length}]) {
  ${value}
  %y = EMBEDDING_LOOKUP(%i, @v) : f32[${ids.length},${row}]
  return %y
}`;

const update = (
  start: string,
  dtype = 'f32',
  behind = '',
) => `graph main(%x: ${dtype}[5,7,4], %u: ${dtype}[2,3,4], %s: ${start}[3]) {
  %y = DYNAMIC_UPDATE_SLICE(%x, %u, %s) : ${dtype}[5,7,4]
  ${behind}return %y${behind && ', %n'}
}`;

const ints = (...list: number[]) => Int32Array.from(list);
const longs = (...list: number[]) => BigInt64Array.from(list, BigInt);

describe('gathers equal the reference kernels', () => {
  testKernels({
    'GATHER of rows': { graph: gather('7,5', '2,3', '2,3,5'), inputs: { i: ints(0, 6, 2, 2, 1, 5) } },
    'GATHER of single elements': { graph: gather('9', '4', '4'), inputs: { i: ints(8, 0, 3, 3) } },
    'GATHER of one row': { graph: gather('7,300', '', '300'), inputs: { i: ints(6) } },
    'GATHER along an inner axis': {
      graph: gather('3,7,5', '4', '3,4,5', '{axis: 1}'),
      inputs: { i: ints(0, 6, 2, 2) },
    },
    'GATHER along the last axis': {
      graph: gather('3,7', '2,2', '3,2,2', '{axis: -1}', 'i8'),
      inputs: { i: ints(0, 6, 2, 2) },
    },
    'GATHER with batches': {
      graph: gather('2,3,7,5', '2,4', '2,3,4,5', '{axis: 2, batchDims: 1}'),
      inputs: { i: ints(0, 6, 2, 2, 1, 3, 5, 4) },
    },
    'GATHER with 64-bit indices': {
      graph: gather('7,5', '3', '3,5', '', 'f32', 'i64'),
      inputs: { i: longs(0, 6, 2) },
    },
    'GATHER with constant indices': {
      graph: `graph main(%x: i64[7,3]) {
  @i = const i32[4] [6, 0, 0, 5]
  %y = GATHER(%x, @i) : i64[4,3]
  return %y
}`,
    },
    GATHER_ND: {
      graph: `graph main(%x: f32[4,5,3], %i: i32[3,2]) {
  %y = GATHER_ND(%x, %i) : f32[3,3]
  return %y
}`,
      inputs: { i: ints(0, 4, 3, 0, 2, 2) },
      kernel: 'gather_nd',
    },
    EMBEDDING_LOOKUP: { graph: lookup('@v = const f32[9,13]', [3, 8, 0], 13), inputs: { i: ints(3, 8, 0) } },
    'EMBEDDING_LOOKUP of bytes by row': {
      graph: lookup('@v = const i8[9,13] q(axis 0, 9 scales)', [3, 8, 0], 13),
      inputs: { i: ints(3, 8, 0) },
      kernel: 'gather_scaled',
    },
    'EMBEDDING_LOOKUP of bytes with one scale': {
      graph: lookup('@v = const i8[9,16] q(0.02, 0)', [3, 8, 0], 16),
      inputs: { i: ints(3, 8, 0) },
      kernel: 'gather_scaled',
    },
    'ONE_HOT along the last axis': {
      graph: `graph main(%i: i32[5]) {
  @d = const i32[] [4]
  @on = const f32[] [2.5]
  @off = const f32[] [-1]
  %y = ONE_HOT(%i, @d, @on, @off) : f32[5,4]
  return %y
}`,
      inputs: { i: ints(3, -1, 0, 4, 2) },
      kernel: 'one_hot',
    },
    'ONE_HOT along the first axis': {
      graph: `graph main(%i: i64[5]) {
  @d = const i32[] [4]
  @on = const i8[] [1]
  @off = const i8[] [0]
  %y = ONE_HOT(%i, @d, @on, @off) {axis: 0} : i8[4,5]
  return %y
}`,
      inputs: { i: longs(3, -1, 0, 4, 2) },
    },
    'DYNAMIC_UPDATE_SLICE in place': { graph: update('i32'), inputs: { s: ints(1, 2, 0) }, kernel: 'update' },
    'DYNAMIC_UPDATE_SLICE beside its operand': {
      graph: update('i32', 'f32', '%n = NEG(%x) : f32[5,7,4]\n  '),
      inputs: { s: ints(2, 4, 0) },
    },
    'DYNAMIC_UPDATE_SLICE of bytes, clamped': { graph: update('i32', 'i8'), inputs: { s: ints(9, -3, 1) } },
    'DYNAMIC_UPDATE_SLICE with 64-bit positions': { graph: update('i64'), inputs: { s: longs(-1, 2 ** 40, 0) } },
  });
});

describe('indices out of range', () => {
  const run = async (graph: string, indices: Int32Array | BigInt64Array, x = new Float32Array(35)) => {
    const model = await load(bytesSource(modelBytes(graph)));
    try {
      return model.run({ x, i: indices });
    } finally {
      model.dispose();
    }
  };

  it('are an error that names the operator', async () => {
    await expect(run(gather('7,5', '2', '2,5'), ints(3, 7))).rejects.toThrow('index 7 is out of range');
    await expect(run(gather('7,5', '2', '2,5'), ints(-1, 0))).rejects.toThrow('index -1 is out of range');
    await expect(run(gather('7,5', '2', '2,5', '', 'f32', 'i64'), longs(0, 2 ** 32))).rejects.toThrow('out of range');
  });

  it('do not spoil the next run', async () => {
    const model = await load(bytesSource(modelBytes(gather('7,5', '2', '2,5'))));
    const x = Float32Array.from({ length: 35 }, (_, i) => i);
    expect(() => model.run({ x, i: ints(9, 0) })).toThrow('index 9 is out of range');
    expect(model.run({ x, i: ints(1, 0) }).y?.data).toEqual(Float32Array.of(5, 6, 7, 8, 9, 0, 1, 2, 3, 4));
  });
});
