import type { ActivationFunctionType } from '../schema/tflite.gen.js';

/** Bounds of a fused activation that clamps; the others (TANH, SIGN_BIT) count only in recurrent operators. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  RELU: [0, Infinity],
  RELU_N1_TO_1: [-1, 1],
  RELU6: [0, 6],
};

/** Least and greatest result of a fused activation that clamps; undefined for the others. */
export const activationBounds = (activation: ActivationFunctionType | number): readonly [number, number] | undefined =>
  BOUNDS[activation];

/** Applies an operator's fused activation in place, as the float kernels do. NaN stays NaN. */
export function applyActivation(data: Float32Array, activation: ActivationFunctionType | number): Float32Array {
  const bounds = BOUNDS[activation];
  if (!bounds) return data;
  const [low, high] = bounds;
  for (let i = 0; i < data.length; i++) {
    const x = data[i] as number;
    if (x < low) data[i] = low;
    else if (x > high) data[i] = high;
  }
  return data;
}

/** One number through an activation of a recurrent operator, where TANH and SIGN_BIT count too. */
export function activate(x: number, activation: ActivationFunctionType | number): number {
  if (activation === 'TANH') return Math.tanh(x);
  if (activation === 'SIGN_BIT') return x < 0 || Object.is(x, -0) ? 1 : 0;
  const bounds = BOUNDS[activation];
  return bounds ? Math.min(Math.max(x, bounds[0]), bounds[1]) : x;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
