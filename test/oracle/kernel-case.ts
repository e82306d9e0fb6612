import { expect, it } from 'vitest';
import { bytesSource } from '../../src/bytes/source.js';
import { seededData } from '../../src/ir/seeded.js';
import { elementCount, type Shape, type Tensor, type TensorData } from '../../src/ir/tensor.js';
import { load } from '../../src/node/runtime.js';
import { type Kernel, loadLiteRt } from './litert.js';
import { modelBytes } from './model-bytes.js';

export { modelBytes };

/** One graph text that our runtime and the real one must agree on. */
export interface KernelCase {
  readonly graph: string;
  /** Elements of inputs that are not pseudo-random, by name. */
  readonly inputs?: Readonly<Record<string, TensorData>>;
  /** Shapes of inputs with unknown sizes, by name. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Largest difference of floats, relative to the largest value; 1e-5 when absent. A larger one carries its reason. */
  readonly tolerance?: number;
  /** Steps by which integers may differ; 0 when absent. */
  readonly steps?: number;
  /** The kernels to compare with; `reference` when absent. */
  readonly oracle?: Kernel;
  /** Without relaxed SIMD: with the roundings of plain products and sums. */
  readonly plain?: boolean;
  /** Variant of our kernel, or its beginning; `'reference'` where there is no fast one. */
  readonly kernel?: string;
  /** Share of zeros in constant floats of two and more dimensions. */
  readonly zeros?: number;
}

/** Runs cases in the runtime's fast mode and in LiteRT; names are true sentences. */
export function testKernels(cases: Readonly<Record<string, KernelCase>>): void {
  for (const [name, one] of Object.entries(cases)) it(name, () => checkKernel(one));
}

async function checkKernel(one: KernelCase): Promise<void> {
  const bytes = modelBytes(one.graph, one.zeros);
  const model = await load(bytesSource(bytes), one.plain ? { relaxedSimd: false } : {});
  const inputs = Object.fromEntries(
    (model.signatures[0]?.inputs ?? []).map(({ name, dtype, shape }) => {
      const sizes = one.shapes?.[name] ?? shape;
      const data = one.inputs?.[name] ?? seededData(dtype, elementCount(sizes), name);
      return [name, { data, shape: sizes }];
    }),
  );
  const ours = model.run(inputs);
  const kernels = model.profile(inputs, { runs: 1 }).map((p) => p.kernel);
  if (one.kernel)
    expect(
      kernels.some((k) => k.startsWith(one.kernel as string)),
      `kernels: ${kernels}`,
    ).toBe(true);
  else expect(kernels).not.toContain('reference');
  const litert = await loadLiteRt();
  const theirs = await litert.run(bytes, inputs as Parameters<typeof litert.run>[1], {
    kernel: one.oracle ?? 'reference',
  });
  for (const [name, tensor] of Object.entries(ours)) {
    const expected = theirs[name];
    expect(expected, `output '${name}'`).toBeDefined();
    expectClose(tensor, expected!.data as TensorData, one);
  }
  model.dispose();
}

function expectClose(ours: Tensor, theirs: TensorData, { tolerance = 1e-5, steps = 0 }: KernelCase): void {
  const x = Array.from(ours.data as ArrayLike<number | bigint>, Number);
  const y = Array.from(theirs as ArrayLike<number | bigint>, Number);
  expect(x.length).toBe(y.length);
  const isReal = ours.dtype === 'f32';
  const largest = y.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
  const allowed = isReal ? tolerance * largest + 1e-30 : steps;
  const wrong = x.flatMap((v, i) => {
    const w = y[i] as number;
    return Object.is(v, w) || v === w || Math.abs(v - w) <= allowed ? [] : [i];
  });
  const [at] = wrong;
  const text =
    at === undefined
      ? ''
      : `[${at}]: ours ${x[at]}, theirs ${y[at]}, difference ${x[at]! - y[at]!}, allowed ${allowed}; ${wrong.length} of ${x.length} differ`;
  expect(text).toBe('');
}
