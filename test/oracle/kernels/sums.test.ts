import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const total = (type: string, count: number, then = '') => {
  const names = Array.from({ length: count }, (_, i) => `%x${i}`);
  return `graph main(${names.map((n) => `${n}: ${type}`).join()}) {
  %s = ADD_N(${names}) : ${type}
  ${then || '%y = NEG(%s)'} : ${type}
  return %y
}`;
};

describe('sums of several tensors', () => {
  testKernels({
    'two of them': { graph: total('f32[7]', 2), kernel: 'add_n' },
    'five of them': { graph: total('f32[3,33]', 5), kernel: 'add_n' },
    'two, and an activation': { graph: total('f32[17]', 2, '%y = TANH(%s)'), kernel: 'add_n' },
    'a scale for each channel behind them': {
      graph: total('f32[5,3]', 3, '%y = MUL(%s, @k)').replace('{', '{\n  @k = const f32[3]'),
      kernel: 'add_n',
    },
    'of integers': { graph: total('i32[9]', 3, '%y = ADD(%s, %x0)'), kernel: 'reference' },
  });
});

const running = (type: string, axis: number, options = '') => `graph main(%x: ${type}) {
  @axis = const i32[] [${axis}]
  %y = CUMSUM(%x, @axis)${options} : ${type}
  return %y
}`;
const EXCLUSIVE = ' {exclusive: true, reverse: false}';
const REVERSE = ' {exclusive: false, reverse: true}';
const BOTH = ' {exclusive: true, reverse: true}';

describe('running sums', () => {
  testKernels({
    'of one row': { graph: running('f32[33]', 0), kernel: 'running_sums_f32' },
    'of rows that are no multiple of four': { graph: running('f32[7,5]', 1), kernel: 'running_sums_f32' },
    'of four rows': { graph: running('f32[2,2,17]', -1), kernel: 'running_sums_f32' },
    'along the first axis': { graph: running('f32[5,33]', 0), kernel: 'running_sums_f32' },
    'along a middle axis': { graph: running('f32[3,5,7]', 1), kernel: 'running_sums_f32' },
    'without the element itself': { graph: running('f32[3,5]', 1, EXCLUSIVE), kernel: 'running_sums_f32' },
    'from the end': { graph: running('f32[3,5,6]', 1, REVERSE), kernel: 'running_sums_f32' },
    'from the end without the element': { graph: running('f32[6,5]', 1, BOTH), kernel: 'running_sums_f32' },
    'of integers': { graph: running('i32[3,17]', 1), kernel: 'running_sums_i32' },
    'of integers along the first axis, from the end': {
      graph: running('i32[17,3]', 0, BOTH),
      kernel: 'running_sums_i32',
    },
    'of 64-bit integers': { graph: running('i64[3,5]', 1), kernel: 'reference' },
  });
});

const response = (type: string, options: string) => `graph main(%x: ${type}) {
  %y = LOCAL_RESPONSE_NORMALIZATION(%x) {${options}} : ${type}
  return %y
}`;
/** Its reference kernel leaves the last channel of each sum out. */
const oracle = 'builtin' as const;

describe('local response normalization', () => {
  testKernels({
    'as AlexNet has it': {
      graph: response('f32[1,3,3,17]', 'radius: 2, bias: 2, alpha: 0.0001, beta: 0.75'),
      kernel: 'local_response',
      oracle,
    },
    'a window wider than the channels': {
      graph: response('f32[2,2,1,3]', 'radius: 5, bias: 1, alpha: 1, beta: 0.5'),
      kernel: 'local_response',
      oracle,
    },
    'a plain division': {
      graph: response('f32[1,2,2,8]', 'radius: 1, bias: 0.5, alpha: 0.3, beta: 1'),
      kernel: 'local_response',
      oracle,
    },
    'any other power': {
      graph: response('f32[1,2,2,33]', 'radius: 3, bias: 1, alpha: 2, beta: 0.6'),
      kernel: 'local_response',
      oracle,
    },
    'each channel by itself': {
      graph: response('f32[1,1,3,5]', 'radius: 0, bias: 1, alpha: 1, beta: 2'),
      kernel: 'local_response',
      oracle,
    },
    'a sum that may be zero': {
      graph: response('f32[1,1,3,5]', 'radius: 1, bias: 0, alpha: 1, beta: 0.5'),
      kernel: 'reference',
      oracle,
    },
  });
});
