import { ModelError } from '../errors.js';

/** The weight of a pixel by its distance from a place, in pixels; none from the radius on. */
export interface SamplingKernel {
  readonly radius: number;
  at(distance: number): number;
}

/** So near to the place, the quotient of sines is 1. */
const NEAR = 1e-3;

const lanczos = (radius: number): SamplingKernel => ({
  radius,
  at(x) {
    if (x > radius) return 0;
    if (x <= NEAR) return 1;
    const angle = Math.PI * x;
    return (radius * Math.sin(angle) * Math.sin(angle / radius)) / (angle * angle);
  },
});

/** Cubic polynomials up to a distance of 1, and from there to 2: coefficients from the third power down. */
const piecewise = (near: readonly number[], far: readonly number[]): SamplingKernel => ({
  radius: 2,
  at: (x) => (x >= 2 ? 0 : (x >= 1 ? far : near).reduce((sum, k) => sum * x + k, 0)),
});

const KERNELS: Readonly<Record<string, SamplingKernel>> = {
  box: { radius: 1, at: (x) => (x < 0.5 ? 1 : x === 0.5 ? 0.5 : 0) },
  gaussian: { radius: 1.5, at: (x) => (x >= 1.5 ? 0 : Math.exp(-(x * x) / 0.5)) },
  keyscubic: piecewise([1.5, -2.5, 0, 1], [-0.5, 2.5, -4, 2]),
  lanczos1: lanczos(1),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
  mitchellcubic: piecewise([7 / 6, -2, 0, 8 / 9], [-7 / 18, 2, -10 / 3, 16 / 9]),
  triangle: { radius: 1, at: (x) => Math.max(0, 1 - x) },
};

/**
 * A kernel of ScaleAndTranslate. @throws {ModelError} `unsupported` for an unknown name.
 *
 * Source: TensorFlow `core/util/image/sampling_kernels.h`.
 */
export function kernelOf(name: string): SamplingKernel {
  const found = Object.hasOwn(KERNELS, name) ? KERNELS[name] : undefined;
  if (found) return found;
  throw new ModelError(
    'unsupported',
    `samples by '${name}', known kernels are ${Object.keys(KERNELS).join(', ')}. Resize with one of them.`,
  );
}
