import type { Op } from './define.js';
import { findOp } from './registry.js';
import { f16, f32, i32, i64, testOp } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(find('ABS'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [3.5, 2.5, 1, 0.5, 0, 0, 0.5, 1.5, 2.5, 7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [2.5, 1, 0.5, 0]),
    tolerance: 0.001,
  },
  'integers stay integers': {
    inputs: { input: i32([3], [-5, 0, 7]) },
    output: i32([3], [5, 0, 7]),
  },
  '64-bit integers are exact': {
    inputs: { input: i64([3], [-1099511627776, 0, 7]) },
    output: i64([3], [1099511627776, 0, 7]),
  },
  'NaN stays NaN': {
    inputs: { input: f32([3], [NaN, Infinity, -Infinity]) },
    output: f32([3], [NaN, Infinity, Infinity]),
  },
});

testOp(find('CEIL'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [-3, -2, -1, -0, -0, 0, 1, 2, 3, 7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-2, -1, -0, -0]),
    tolerance: 0.001,
  },
});

testOp(find('COS'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32(
      [10],
      [-0.9364567, -0.8011436, 0.5403023, 0.87758255, 1, 1, 0.87758255, 0.0707372, -0.8011436, 0.75390226],
    ),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-0.80126953125, 0.54052734375, 0.87744140625, 1]),
    tolerance: 0.001,
  },
});

testOp(find('ELU'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [-0.9698026, -0.917915, -0.63212055, -0.39346933, -0, 0, 0.5, 1.5, 2.5, 7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-0.91796875, -0.63232421875, -0.3935546875, -0]),
    tolerance: 0.001,
  },
  'numbers far from zero do not overflow': {
    inputs: { input: f32([4], [-100, -20, 88, -745]) },
    output: f32([4], [-1, -1, 88, -1]),
    tolerance: 2e-6,
  },
});

testOp(find('EXP'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [0.030197384, 0.082085, 0.36787945, 0.60653067, 1, 1, 1.6487212, 4.481689, 12.182494, 1096.6332]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [0.08209228515625, 0.367919921875, 0.6064453125, 1]),
    tolerance: 0.001,
  },
  'numbers far from zero do not overflow': {
    inputs: { input: f32([3], [-100, 0, 88]) },
    output: f32([3], [0, 1, 1.6516363e38]),
    tolerance: 2e-6,
  },
});

testOp(find('FLOOR'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [-4, -3, -1, -1, -0, 0, 0, 1, 2, 7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-3, -1, -1, -0]),
    tolerance: 0.001,
  },
});

testOp(find('HARD_SWISH'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [-0, -0.20833333, -0.33333334, -0.20833333, -0, 0, 0.29166666, 1.125, 2.2916667, 7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-0.2083740234375, -0.333251953125, -0.2083740234375, -0]),
    tolerance: 0.001,
  },
});

testOp(find('LOG'), {
  'every float has its value': {
    inputs: { input: f32([6], [0, 0.25, 1, 2.5, 1e-30, 1.0e30]) },
    output: f32([6], [-Infinity, -1.3862944, 0, 0.91629076, -69.07755, 69.07755]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [0.5, 1.25, 2.75, 0.25]) },
    output: f16([4], [-0.693359375, 0.22314453125, 1.01171875, -1.38671875]),
    tolerance: 0.001,
  },
});

testOp(find('LOGISTIC'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32(
      [10],
      [0.02931223, 0.07585817, 0.2689414, 0.37754068, 0.5, 0.5, 0.62245935, 0.81757444, 0.9241418, 0.99908894],
    ),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [0.07586669921875, 0.26904296875, 0.37744140625, 0.5]),
    tolerance: 0.001,
  },
  'numbers far from zero do not overflow': {
    inputs: { input: f32([4], [-100, -20, 88, -745]) },
    output: f32([4], [0, 2.0611537e-9, 1, 0]),
    tolerance: 2e-6,
  },
});

testOp(find('NEG'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [3.5, 2.5, 1, 0.5, 0, -0, -0.5, -1.5, -2.5, -7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [2.5, 1, 0.5, 0]),
    tolerance: 0.001,
  },
  'integers stay integers': {
    inputs: { input: i32([3], [-5, 0, 7]) },
    output: i32([3], [5, 0, -7]),
  },
  '64-bit integers are exact': {
    inputs: { input: i64([3], [-1099511627776, 0, 7]) },
    output: i64([3], [1099511627776, 0, -7]),
  },
});

testOp(find('RELU'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [0, 0, 0, 0, 0, 0, 0.5, 1.5, 2.5, 7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [0, 0, 0, -0]),
    tolerance: 0.001,
  },
  'NaN stays NaN': {
    inputs: { input: f32([3], [NaN, Infinity, -Infinity]) },
    output: f32([3], [NaN, Infinity, 0]),
  },
});

testOp(find('RELU6'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [0, 0, 0, 0, 0, 0, 0.5, 1.5, 2.5, 6]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [0, 0, 0, -0]),
    tolerance: 0.001,
  },
});

testOp(find('RELU_0_TO_1'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [0, 0, 0, 0, 0, 0, 0.5, 1, 1, 1]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [0, 0, 0, -0]),
    tolerance: 0.001,
  },
});

testOp(find('RELU_N1_TO_1'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [-1, -1, -1, -0.5, -0, 0, 0.5, 1, 1, 1]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-1, -1, -0.5, -0]),
    tolerance: 0.001,
  },
});

testOp(find('ROUND'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [-4, -2, -1, -0, -0, 0, 0, 2, 2, 7]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-2, -1, -0, -0]),
    tolerance: 0.001,
  },
});

testOp(find('RSQRT'), {
  'every float has its value': {
    inputs: { input: f32([5], [0.25, 1, 2.5, 1e-30, 1.0e30]) },
    output: f32([5], [2, 1, 0.6324555, 1.0e15, 1e-15]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [1.25, 2.75, 0.25, Infinity]) },
    output: f16([4], [0.89453125, 0.60302734375, 2, 0]),
    tolerance: 0.001,
  },
});

testOp(find('SIGN'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [-1, -1, -1, -1, 0, 0, 1, 1, 1, 1]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-1, -1, -1, 0]),
    tolerance: 0.001,
  },
  'integers stay integers': {
    inputs: { input: i32([3], [-5, 0, 7]) },
    output: i32([3], [-1, 0, 1]),
  },
  '64-bit integers are exact': {
    inputs: { input: i64([3], [-1099511627776, 0, 7]) },
    output: i64([3], [-1, 0, 1]),
  },
});

testOp(find('SIN'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32(
      [10],
      [0.35078323, -0.5984722, -0.84147096, -0.47942555, -0, 0, 0.47942555, 0.997495, 0.5984721, 0.6569866],
    ),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-0.5986328125, -0.84130859375, -0.4794921875, -0]),
    tolerance: 0.001,
  },
});

testOp(find('SQRT'), {
  'every float has its value': {
    inputs: { input: f32([6], [0, 0.25, 1, 2.5, 1e-30, 1.0e30]) },
    output: f32([6], [0, 0.5, 1, 1.5811388, 1e-15, 1.0e15]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [0.5, 1.25, 2.75, 0.25]) },
    output: f16([4], [0.70703125, 1.1181640625, 1.658203125, 0.5]),
    tolerance: 0.001,
  },
});

testOp(find('SQUARE'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [12.25, 6.25, 1, 0.25, 0, 0, 0.25, 2.25, 6.25, 49]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [6.25, 1, 0.25, 0]),
    tolerance: 0.001,
  },
  'integers stay integers': {
    inputs: { input: i32([3], [-5, 0, 7]) },
    output: i32([3], [25, 0, 49]),
  },
  '64-bit integers are exact': {
    inputs: { input: i64([2], [-30000000, 7]) },
    output: i64([2], [900000000000000, 49]),
  },
});

testOp(find('TANH'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32(
      [10],
      [-0.99817795, -0.98661435, -0.7615942, -0.46211714, -0, 0, 0.46211714, 0.9051483, 0.98661435, 0.99999833],
    ),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [-0.98681640625, -0.76171875, -0.462158203125, -0]),
    tolerance: 0.001,
  },
  'numbers far from zero do not overflow': {
    inputs: { input: f32([4], [-100, -20, 88, -745]) },
    output: f32([4], [-1, -1, 1, -1]),
    tolerance: 2e-6,
  },
});

testOp(find('ZEROS_LIKE'), {
  'every float has its value': {
    inputs: { input: f32([10], [-3.5, -2.5, -1, -0.5, -0, 0, 0.5, 1.5, 2.5, 7]) },
    output: f32([10], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    tolerance: 2e-6,
  },
  'float16 rounds the float32 result': {
    inputs: { input: f16([4], [-2.5, -1, -0.5, -0]) },
    output: f16([4], [0, 0, 0, 0]),
    tolerance: 0.001,
  },
  'integers stay integers': {
    inputs: { input: i32([3], [-5, 0, 7]) },
    output: i32([3], [0, 0, 0]),
  },
  '64-bit integers are exact': {
    inputs: { input: i64([3], [-1099511627776, 0, 7]) },
    output: i64([3], [0, 0, 0]),
  },
});
