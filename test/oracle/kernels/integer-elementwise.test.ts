import { describe } from 'vitest';
import { type KernelCase, testKernels } from '../kernel-case.js';

const TYPES = {
  i8: ['i8', '(0.05, 3)', '(0.02, -7)', '(0.06, -11)'],
  u8: ['u8', '(0.05, 131)', '(0.02, 120)', '(0.06, 117)'],
} as const;

type Dtype = keyof typeof TYPES;

function binary(op: string, dtype: Dtype, a: string, b: string, out: string, options = '', scale?: string): string {
  const [type, qa, qb, qy] = TYPES[dtype];
  const same = op === 'MAXIMUM' || op === 'MINIMUM';
  return `graph main(%a: ${type}[${a}] q${qa}, %b: ${type}[${b}] q${same ? qa : qb}) {
  %y = ${op}(%a, %b) ${options} : ${type}[${out}] q${same ? qa : (scale ?? qy)}
  return %y
}`;
}

function unary(op: string, dtype: Dtype, options = '', quantization?: readonly [string, string]): string {
  const [type, qx, , qy] = TYPES[dtype];
  return `graph main(%x: ${type}[3,7,17] q${quantization?.[0] ?? qx}) {
  %y = ${op}(%x) ${options} : ${type}[3,7,17] q${quantization?.[1] ?? qy}
  return %y
}`;
}

// Factors of 21 bits or of float32, where the reference kernels have fixed-point ones: near halves they differ by a step.
const steps = 1;

const cases: Record<string, KernelCase> = {};
for (const dtype of ['i8', 'u8'] as const) {
  for (const op of ['ADD', 'SUB', 'MUL']) {
    cases[`${op} ${dtype}`] = { graph: binary(op, dtype, '3,7,17', '3,7,17', '3,7,17'), steps };
    cases[`${op} ${dtype} by channel with RELU`] = {
      graph: binary(op, dtype, '3,7,17', '17', '3,7,17', '{fusedActivationFunction: RELU}'),
      steps,
    };
    cases[`${op} ${dtype} of a scalar`] = { graph: binary(op, dtype, '1', '3,7,33', '3,7,33'), steps };
    cases[`${op} ${dtype} by row`] = { graph: binary(op, dtype, '3,7,1', '3,7,35', '3,7,35'), steps };
    cases[`${op} ${dtype} of two that broadcast`] = {
      graph: binary(op, dtype, '5,1,3,9', '1,4,1,9', '5,4,3,9'),
      steps,
    };
  }
  cases[`MAXIMUM ${dtype}`] = { graph: binary('MAXIMUM', dtype, '3,7,17', '17', '3,7,17') };
  cases[`MINIMUM ${dtype}`] = { graph: binary('MINIMUM', dtype, '300', '300', '300') };
  for (const op of ['RELU', 'RELU6', 'RELU_N1_TO_1', 'QUANTIZE'])
    cases[`${op} ${dtype}`] = { graph: unary(op, dtype), kernel: 'rescale', steps };
  cases[`LEAKY_RELU ${dtype}`] = { graph: unary('LEAKY_RELU', dtype, '{alpha: 0.2}'), kernel: 'leaky_relu', steps };
  cases[`HARD_SWISH ${dtype}`] = { graph: unary('HARD_SWISH', dtype), kernel: 'table' };
  const logistic = dtype === 'i8' ? '(0.00390625, -128)' : '(0.00390625, 0)';
  cases[`LOGISTIC ${dtype}`] = {
    graph: unary('LOGISTIC', dtype, '', [TYPES[dtype][1], logistic]),
    kernel: 'table',
    // Its table; the reference resolver has the fixed-point form.
    oracle: 'builtin',
  };
  cases[`SOFTMAX ${dtype}`] = {
    graph: unary('SOFTMAX', dtype, '', [TYPES[dtype][1], logistic]),
    kernel: 'softmax',
    oracle: 'builtin',
    // Halves are rounded to even.
    steps,
  };
}
cases.SQUARED_DIFFERENCE = {
  graph: binary('SQUARED_DIFFERENCE', 'i8', '3,7,17', '3,7,17', '3,7,17', '', '(0.4, -128)'),
  // The reference kernel rounds both terms to 1/128 of the larger scale first.
  steps,
};
cases['PRELU i8'] = { graph: binary('PRELU', 'i8', '3,7,17', '17', '3,7,17'), steps };
cases['ELU i8'] = { graph: unary('ELU', 'i8'), oracle: 'builtin' };
cases['ABS i8'] = { graph: unary('ABS', 'i8') };
cases['SQRT i8'] = { graph: unary('SQRT', 'i8', '', ['(0.05, -128)', '(0.02, -128)']), kernel: 'table' };

describe('elementwise operations of bytes equal the reference kernels', () => {
  testKernels(cases);
});

describe('elementwise operations of bytes equal XNNPACK', () => {
  testKernels({
    ADD: { graph: binary('ADD', 'i8', '3,7,77', '3,7,77', '3,7,77'), oracle: 'xnnpack' },
    MUL: { graph: binary('MUL', 'i8', '3,7,77', '3,7,77', '3,7,77'), oracle: 'xnnpack' },
  });
});
