import { elementCount, isComplex, type Tensor } from '../ir/tensor.js';
import { defineOp, type Op } from './define.js';
import { invalid } from './shapes.js';

/** A real number made of the two parts of a complex one; real input counts as having no imaginary part. */
const part = (name: 'REAL' | 'IMAG' | 'COMPLEX_ABS', compute: (re: number, im: number) => number): Op =>
  defineOp({
    name,
    inputs: ['input'],
    outputs: ['output'],
    infer({ input: { dtype, shape } }) {
      if (!isComplex(dtype) && dtype !== 'f32' && dtype !== 'f64')
        throw invalid(`expected complex numbers, got ${dtype}`);
      return [{ dtype: dtype === 'c128' || dtype === 'f64' ? 'f64' : 'f32', shape }];
    },
    reference({ inputs: { input }, types: [type] }) {
      const step = isComplex(input.dtype) ? 2 : 1;
      const x = input.data as Float64Array;
      const count = elementCount(input.shape);
      const data = type?.dtype === 'f64' ? new Float64Array(count) : new Float32Array(count);
      for (let i = 0; i < count; i++)
        data[i] = compute(x[i * step] as number, step === 2 ? (x[2 * i + 1] as number) : 0);
      return [{ dtype: type?.dtype, shape: input.shape, data } as Tensor];
    },
  });

export const complexParts: readonly Op[] = [
  part('REAL', (re) => re),
  part('IMAG', (_, im) => im),
  part('COMPLEX_ABS', (re, im) => Math.sqrt(re * re + im * im)),
];
