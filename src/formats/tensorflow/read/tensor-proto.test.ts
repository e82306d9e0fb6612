import { describe, expect, it } from 'vitest';
import { originOf } from '../../../bytes/protobuf.js';
import { constantOfProto } from './tensor-proto.js';
import { messageBytes } from './testing.js';

const read = (text: string) => {
  const bytes = messageBytes('TensorProto', text);
  return constantOfProto(bytes, originOf('file', bytes));
};
const shape = (...dims: number[]) => `tensor_shape { ${dims.map((d) => `dim { size: ${d} }`).join(' ')} }`;

describe('constantOfProto', () => {
  it.each([
    [`dtype: 1 ${shape(2)} float_val: [1.5, -2]`, 'f32', [1.5, -2]],
    [`dtype: 2 ${shape(2)} double_val: [1.5, -2]`, 'f64', [1.5, -2]],
    [`dtype: 3 ${shape(2)} int_val: [-1, 2]`, 'i32', [-1, 2]],
    [`dtype: 4 ${shape(2)} int_val: [255, 2]`, 'u8', [255, 2]],
    [`dtype: 6 ${shape(2)} int_val: [-128, 2]`, 'i8', [-128, 2]],
    [`dtype: 9 ${shape(2)} int64_val: [-1, 4]`, 'i64', [-1, 4]],
    [`dtype: 10 ${shape(2)} bool_val: [true, false]`, 'bool', [1, 0]],
    [`dtype: 19 ${shape(2)} half_val: [15360, 49152]`, 'f16', [0x3c00, 0xc000]],
    [`dtype: 14 ${shape(1)} half_val: 16256`, 'bf16', [0x3f80]],
    [`dtype: 22 ${shape(1)} uint32_val: 4294967295`, 'u32', [4294967295]],
    [`dtype: 23 ${shape(1)} uint64_val: 5`, 'u64', [5]],
    [`dtype: 8 ${shape(1)} scomplex_val: [1, 2]`, 'c64', [1, 2]],
    [`dtype: 18 ${shape(2)} dcomplex_val: [1, 2]`, 'c128', [1, 2, 1, 2]],
    [`dtype: 25 ${shape(2)} float8_val: "\\070"`, 'f8e4m3', [56, 56]],
    [`dtype: 29 ${shape(2)} tensor_content: "\\017\\003"`, 'i4', [-1, 3]],
    [`dtype: 12 ${shape(1)} int_val: 200`, 'u8', [200]],
    [`dtype: 101 ${shape(1)} float_val: 2`, 'f32', [2]],
  ])('reads %s', (text, dtype, numbers) => {
    expect(read(text).dtype).toBe(dtype);
    expect(read(text).numbers()).toEqual(numbers);
  });

  it('repeats the last value, gives zeros without values, and reads raw content', () => {
    expect(read(`dtype: 1 ${shape(2, 2)} float_val: [1, 7]`).numbers()).toEqual([1, 7, 7, 7]);
    expect(read(`dtype: 3 ${shape(3)}`).numbers()).toEqual([0, 0, 0]);
    expect(read('dtype: 3 int_val: 4')).toMatchObject({ shape: [], dtype: 'i32' });
    expect(read(`dtype: 3 ${shape(2)} tensor_content: "\\001\\000\\000\\000\\377\\377\\377\\377"`).numbers()).toEqual([
      1, -1,
    ]);
    expect(read(`dtype: 3 ${shape(0, 4)}`).numbers()).toEqual([]);
  });

  it('reads strings', () => {
    const strings = read(`dtype: 7 ${shape(3)} string_val: "a" string_val: "\\377"`).data() as readonly Uint8Array[];
    expect(strings.map((b) => [...b])).toEqual([[97], [255], [255]]);
    expect(read(`dtype: 7 ${shape(1)}`).data()).toEqual([new Uint8Array(0)]);
    expect(read(`dtype: 7 ${shape(1)} tensor_content: "12345678"`).data()).toEqual([new Uint8Array(0)]);
  });

  it.each([
    [`dtype: 3 ${shape(2)} tensor_content: "abc"`, '8 bytes expected for i32 [2], 3 found'],
    [`dtype: 3 ${shape(2)} int_val: [1, 2, 3]`, '2 values expected, 3 found'],
    [`dtype: 8 ${shape(2)} scomplex_val: 1`, '4 values expected, 1 found'],
    [`dtype: 1 ${shape(100000, 100000)} float_val: 1`, 'is too large'],
    [`dtype: 1 ${shape(2 ** 40, 2 ** 40)}`, 'is too large'],
    [`dtype: 1 ${shape(-1)}`, 'a tensor of static shape expected'],
    ['dtype: 1 tensor_shape { unknown_rank: true }', 'a tensor of static shape expected'],
    ['dtype: 0', 'a tensor type expected'],
    ['dtype: 26', 'tensors of type float8_e4m3fnuz cannot be handled'],
  ])('refuses %s', (text, message) => {
    const act = () => read(text).data();
    expect(act).toThrowError(
      expect.objectContaining({ name: 'ModelError', message: expect.stringContaining(message) }),
    );
  });
});
