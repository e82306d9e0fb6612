import { ModelError } from '../../../errors.js';

/** How much a pixel counts by its distance from a place, in pixels. */
export interface ResizeKernel {
  /** From here on the weight is 0. */
  readonly radius: number;
  weight(distance: number): number;
}

const lanczos = (radius: number): ResizeKernel => ({
  radius,
  weight(x) {
    if (x > radius) return 0;
    if (x <= 1e-3) return 1;
    return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * Math.PI * x * x);
  },
});

/** Two cubic pieces: coefficients from the third power down. */
const cubic = (near: readonly number[], far: readonly number[]): ResizeKernel => ({
  radius: 2,
  weight: (x) => (x >= 2 ? 0 : (x >= 1 ? far : near).reduce((sum, k) => sum * x + k, 0)),
});

const SIGMA = 0.5;

/** Source: TensorFlow's `sampling_kernels.h`. */
const kernels: Readonly<Record<string, ResizeKernel>> = {
  box: { radius: 1, weight: (x) => (x < 0.5 ? 1 : x === 0.5 ? 0.5 : 0) },
  gaussian: { radius: 1.5, weight: (x) => (x >= 1.5 ? 0 : Math.exp((-x * x) / (2 * SIGMA * SIGMA))) },
  keyscubic: cubic([1.5, -2.5, 0, 1], [-0.5, 2.5, -4, 2]),
  lanczos1: lanczos(1),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
  mitchellcubic: cubic([7 / 6, -2, 0, 8 / 9], [-7 / 18, 2, -10 / 3, 16 / 9]),
  triangle: { radius: 1, weight: (x) => Math.max(1 - x, 0) },
};

/** @throws {ModelError} `unsupported` for a kernel of another name. */
export function kernelOf(name: string): ResizeKernel {
  const kernel = kernels[name];
  if (kernel) return kernel;
  throw new ModelError('unsupported', `resizes with a kernel '${name}'; known: ${Object.keys(kernels).join(', ')}.`);
}
