import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { invalid } from './shapes.js';
import { unifiedShape } from './unify.js';
import { blankData, copyView, type View, wholeView } from './view.js';

/** Square matrices with the rows of the input on their diagonals and zeros elsewhere: `[…, N]` becomes `[…, N, N]`. */
export const matrixDiag = defineOp({
  name: 'MATRIX_DIAG',
  inputs: ['diagonal'],
  outputs: ['output'],
  infer({ diagonal: { dtype, shape } }) {
    if (shape?.length === 0) throw invalid('diagonal expects at least rank 1, got a scalar');
    return [{ dtype, shape: shape && [...shape, shape.at(-1) as number] }];
  },
  reference({ inputs: { diagonal } }) {
    const shape = [...diagonal.shape, diagonal.shape.at(-1) as number];
    const data = blankData(diagonal.dtype, elementCount(shape));
    return [{ dtype: diagonal.dtype, shape, data: withDiagonal(data, shape, diagonal) }];
  },
});

/** The matrices of the input with other diagonals: input `[…, M, N]`, diagonal `[…, min(M, N)]`. */
export const matrixSetDiag = defineOp({
  name: 'MATRIX_SET_DIAG',
  inputs: ['input', 'diagonal'],
  outputs: ['output'],
  infer({ input: { dtype, shape }, diagonal }) {
    if (shape && shape.length < 2) throw invalid(`input expects at least rank 2, got [${shape}]`);
    if (diagonal.dtype !== dtype) throw invalid(`diagonal should be ${dtype}, got ${diagonal.dtype}`);
    if (shape) unifiedShape(diagonalView(shape).shape, diagonal.shape);
    return [{ dtype, shape }];
  },
  reference({ inputs: { input, diagonal } }) {
    const { dtype, shape } = input;
    const data = blankData(dtype, elementCount(shape));
    copyView(dtype, input.data, wholeView(shape), data, wholeView(shape));
    return [{ dtype, shape, data: withDiagonal(data, shape, diagonal) }];
  },
});

function diagonalView(shape: Shape): View {
  const { strides } = wholeView(shape);
  const [m = 0, n = 0] = shape.slice(-2);
  const size = m === -1 || n === -1 ? -1 : Math.min(m, n);
  return { shape: [...shape.slice(0, -2), size], offset: 0, strides: [...strides.slice(0, -2), n + 1] };
}

function withDiagonal(data: Tensor['data'], shape: Shape, diagonal: Tensor): Tensor['data'] {
  copyView(diagonal.dtype, diagonal.data, wholeView(diagonal.shape), data, diagonalView(shape));
  return data;
}
