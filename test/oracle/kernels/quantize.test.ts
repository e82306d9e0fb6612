import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const quantize = (shape: string, type: string, quantization: string) => `graph main(%x: f32[${shape}]) {
  %y = QUANTIZE(%x) : ${type}[${shape}] ${quantization}
  return %y
}`;

const dequantize = (shape: string, type: string, behind = '') => `graph main(%x: ${type.replace('[]', `[${shape}]`)}) {
  %y = DEQUANTIZE(%x) : f32[${shape}]
  ${behind}
  return %${behind ? 'z' : 'y'}
}`;

const fakeQuant = (options: string) => `graph main(%x: f32[9,7]) {
  %y = FAKE_QUANT(%x) {${options}} : f32[9,7]
  return %y
}`;

/** Multiples of a quarter, so that many steps end in a half, and numbers beside them. */
const quarters = (count: number) =>
  Float32Array.from(
    { length: count },
    (_, i) => ((i - count / 2) / 4) * (i % 3 === 0 ? 1 : 1 + (i % 3 === 1 ? 1 : -1) * 2 ** -23),
  );
/** Numbers of many sizes. */
const spread = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898) * 2 ** (((i * 7) % 24) - 12));

describe('quantization equals the reference kernels', () => {
  testKernels({
    'QUANTIZE to signed bytes': { graph: quantize('7,11', 'i8', 'q(0.0078, -3)'), kernel: 'quantize_i8' },
    'QUANTIZE to unsigned bytes': { graph: quantize('7,11', 'u8', 'q(0.0078, 128)'), kernel: 'quantize_u8' },
    'QUANTIZE to 16 bits': { graph: quantize('7,11', 'i16', 'q(0.00003, 0)'), kernel: 'quantize_i16' },
    'QUANTIZE of halves': { graph: quantize('2001', 'i8', 'q(0.5, 5)'), inputs: { x: quarters(2001) } },
    'QUANTIZE of many sizes': { graph: quantize('5000', 'i16', 'q(0.013, 0)'), inputs: { x: spread(5000) } },
    'QUANTIZE of numbers out of range': { graph: quantize('5000', 'u8', 'q(0.013, 7)'), inputs: { x: spread(5000) } },
    'DEQUANTIZE of signed bytes': { graph: dequantize('7,11', 'i8[] q(0.02, -3)'), kernel: 'dequantize_i8' },
    'DEQUANTIZE of unsigned bytes': { graph: dequantize('7,11', 'u8[] q(0.02, 130)'), kernel: 'dequantize_u8' },
    'DEQUANTIZE of 16 bits': { graph: dequantize('7,11', 'i16[] q(0.0002, 0)'), kernel: 'dequantize_i16' },
    'DEQUANTIZE by channel': {
      graph: dequantize('7,3', 'i8[] q(axis 1, [0.02, 0.5, 3])'),
      kernel: 'dequantize_i8',
    },
    'DEQUANTIZE of 16-bit floats': {
      graph: dequantize('1024', 'f16[]'),
      inputs: { x: Uint16Array.from({ length: 1024 }, (_, i) => i * 63) },
      kernel: 'dequantize_f16',
    },
    'DEQUANTIZE with an activation and a bias behind it': {
      graph: dequantize(
        '7,11',
        'i8[] q(0.02, -3)',
        '@b = const f32[11]\n  %a = ADD(%y, @b) : f32[7,11]\n  %z = RELU(%a) : f32[7,11]',
      ),
      kernel: 'dequantize_i8',
    },
    FAKE_QUANT: { graph: fakeQuant('min: -0.6, max: 0.7, numBits: 8') },
    'FAKE_QUANT of 4 bits': { graph: fakeQuant('min: -0.6, max: 0.7, numBits: 4') },
  });
});
