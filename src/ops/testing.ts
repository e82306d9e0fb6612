import { describe, expect, it } from 'vitest';
import type { Options, Quantization, ValueType } from '../ir/graph.js';
import { allocate, type DType, elementCount, isComplex, isFloat, type Shape, type Tensor } from '../ir/tensor.js';
import { float32FromBfloat16 } from '../numerics/bfloat16.js';
import { float16FromFloat32, float32FromFloat16 } from '../numerics/float16.js';
import { leastRuntimes } from '../schema/tflite-versions.gen.js';
import type { KnownValue, Op } from './define.js';
import { TRACKED } from './elements.js';

/** One example of an operator. */
export interface OpCase {
  /** Tensors by argument name; a list for a `*` argument. Absent optional ones may be left out. */
  readonly inputs: Readonly<Record<string, Tensor | readonly Tensor[]>>;
  /** Options that differ from the operator's defaults. */
  readonly options?: Options;
  /** The only output, or all of them. */
  readonly output: Tensor | readonly Tensor[];
  /** New contents of the operator's variable tensors. */
  readonly states?: readonly Tensor[];
  /** Greatest difference of a float result, relative to `max(1, |expected|)`; 1e-6 when absent. */
  readonly tolerance?: number;
  /** The operator version of this call. */
  readonly version?: number;
  /** The output's size depends on the data: inference may leave sizes unknown although all inputs are constants. */
  readonly isDynamic?: boolean;
  /** What `elements` must give for the first output; checked for consistency even when absent. */
  readonly elements?: readonly (number | undefined)[];
}

/**
 * Makes tests of a table of examples; each one checks that inference gives the output's type (also with unknown
 * elements, sizes and ranks, as far as known), that known elements are the result's, that the reference kernel gives the
 * values (integers exactly) and writes to none of its inputs, and the version.
 */
export function testOp(op: Op, cases: Readonly<Record<string, OpCase>>): void {
  describe(op.name, () => {
    for (const [sentence, example] of Object.entries(cases)) it(sentence, () => checkCase(op, example));
  });
}

/** The error that inference (or, with `run`, the reference kernel) throws for the inputs; fails when there is none. */
export function errorOf(
  op: Op,
  { inputs, options = {} }: Pick<OpCase, 'inputs' | 'options'>,
  run: 'infer' | 'run' = 'infer',
): string {
  const tensors = positional(op, inputs);
  try {
    const types = op.infer(tensors.map(known), options);
    if (run === 'run') op.reference?.(tensors, types, options);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${op.name} accepts these inputs`);
}

function checkCase(op: Op, example: OpCase): void {
  const { options = {}, tolerance = 1e-6, isDynamic = false } = example;
  const tensors = positional(op, example.inputs);
  const expected = Array.isArray(example.output) ? (example.output as readonly Tensor[]) : [example.output as Tensor];
  const types = op.infer(tensors.map(known), options);
  expect(
    types.map((t) => t.dtype),
    'inferred dtypes',
  ).toEqual(expected.map((t) => t.dtype));
  if (isDynamic) checkCompatible(types, expected, 'known inputs');
  else
    expect(
      types.map((t) => t.shape),
      'inferred shapes',
    ).toEqual(expected.map((t) => [...t.shape]));
  for (const [what, blur] of blurs) checkCompatible(op.infer(tensors.map(blur), options), expected, what);
  checkElements(op, tensors, expected, example);
  checkVersion(op, tensors, expected, example);
  if (!op.reference) return;
  const before = tensors.map((t) => t && snapshot(t));
  const actual = op.reference(tensors, types, options);
  const results = [...expected, ...(example.states ?? [])];
  expect(actual.length, 'number of outputs and states').toBe(results.length);
  for (const [i, e] of results.entries()) expectTensor(actual[i] as Tensor, e, tolerance);
  expect(
    tensors.map((t) => t && snapshot(t)),
    'inputs after the run',
  ).toEqual(before);
}

/** Fails with index, expected, got and how many differ, unless dtype, shape and elements are the same. */
export function expectTensor(actual: Tensor, expected: Tensor, tolerance = 0): void {
  expect({ dtype: actual.dtype, shape: [...actual.shape] }).toEqual({
    dtype: expected.dtype,
    shape: [...expected.shape],
  });
  const got = snapshot(actual);
  const want = snapshot(expected);
  expect(got.length, 'number of elements').toBe(want.length);
  const isInexact = isFloat(expected.dtype) || isComplex(expected.dtype);
  const differs = (i: number) => !isSame(got[i], want[i], isInexact ? tolerance : 0);
  const wrong = [...want.keys()].filter(differs);
  const [at] = wrong;
  if (at !== undefined)
    expect.fail(`element ${at}: expected ${want[at]}, got ${got[at]}; ${wrong.length} of ${want.length} differ`);
}

function isSame(got: unknown, want: unknown, tolerance: number): boolean {
  if (Object.is(got, want)) return true;
  if (typeof got !== 'number' || typeof want !== 'number') return got === want;
  return got === want || Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));
}

/** The elements as plain values that compare well: numbers, bigints, or texts of strings. */
function snapshot({ dtype, data }: Tensor): (number | bigint | string)[] {
  if (dtype === 'f16') return [...float32FromFloat16(data as Uint16Array)];
  if (dtype === 'bf16') return [...float32FromBfloat16(data as Uint16Array)];
  return Array.from(data as ArrayLike<number | bigint | Uint8Array>, (x) =>
    x instanceof Uint8Array ? new TextDecoder().decode(x) : x,
  );
}

function positional(op: Op, inputs: OpCase['inputs']): (Tensor | undefined)[] {
  const names = op.inputs.map((n) => n.replace(/[?*]$/, ''));
  for (const name of Object.keys(inputs)) expect(names, `arguments of ${op.name}`).toContain(name);
  return names.flatMap((name) => inputs[name] as Tensor | undefined | readonly Tensor[]) as (Tensor | undefined)[];
}

/** The elements as inference sees them: 16-bit floats are their bits. */
const raw = ({ data }: Tensor): number[] => Array.from(data as ArrayLike<number | bigint>, Number);

const known = (t: Tensor | undefined): KnownValue | undefined => {
  if (!t) return undefined;
  const tracked = t.dtype !== 'string' && elementCount(t.shape) <= TRACKED;
  return { dtype: t.dtype, shape: t.shape, elements: tracked ? raw(t) : undefined };
};

type Blur = (t: Tensor | undefined) => KnownValue | undefined;
const blurred =
  (shape: (t: Tensor) => Shape | undefined, elements: (t: Tensor) => KnownValue['elements'] = () => undefined): Blur =>
  (t) =>
    t && { dtype: t.dtype, shape: shape(t), elements: elements(t) };

/** Ways to know less of the inputs. */
const blurs: readonly (readonly [string, Blur])[] = [
  ['unknown elements', blurred((t) => t.shape)],
  [
    'partly known elements',
    blurred(
      (t) => t.shape,
      (t) => known(t)?.elements?.map((e, i) => (i === 0 ? undefined : e)),
    ),
  ],
  ['unknown sizes', blurred((t) => t.shape.map(() => -1))],
  ['unknown first sizes', blurred((t) => t.shape.map((d, i) => (i === 0 && t.shape.length > 1 ? -1 : d)))],
  [
    'unknown first sizes with known elements',
    blurred(
      (t) => t.shape.map((d, i) => (i === 0 && t.shape.length > 1 ? -1 : d)),
      (t) => (t.shape.length > 1 ? undefined : known(t)?.elements),
    ),
  ],
  ['unknown rank', blurred(() => undefined)],
  [
    'unknown rank of tensors, known shape operands',
    blurred(
      (t) => (t.shape.length > 1 ? undefined : t.shape),
      (t) => (t.shape.length > 1 ? undefined : known(t)?.elements),
    ),
  ],
];

function checkCompatible(types: readonly ValueType[], expected: readonly Tensor[], what: string): void {
  expect(
    types.map((t) => t.dtype),
    `dtypes with ${what}`,
  ).toEqual(expected.map((t) => t.dtype));
  for (const [i, { shape }] of types.entries()) {
    const full = (expected[i] as Tensor).shape;
    const filled = shape?.map((d, k) => (d === -1 ? full[k] : d));
    if (shape) expect(filled, `shape [${shape}] of output ${i} with ${what}`).toEqual([...full]);
  }
}

function checkElements(op: Op, tensors: readonly (Tensor | undefined)[], expected: readonly Tensor[], e: OpCase): void {
  const options = e.options ?? {};
  const all = op.elements(tensors.map(known), options);
  if (e.elements) expect(all?.[0], 'elements').toEqual(e.elements);
  const runs = [all, ...blurs.map(([, blur]) => op.elements(tensors.map(blur), options))];
  for (const run of runs)
    for (const [i, list] of (run ?? []).entries()) {
      if (!list) continue;
      const output = expected[i] as Tensor;
      const values = raw(output);
      expect(list.length, `number of known elements of output ${i}`).toBe(values.length);
      const tolerance = isFloat(output.dtype) ? (e.tolerance ?? 1e-6) : 0;
      const wrong = list.findIndex((x, k) => x !== undefined && !isSame(x, values[k], tolerance));
      if (wrong >= 0)
        expect.fail(`known element ${wrong} of output ${i}: expected ${values[wrong]}, got ${list[wrong]}`);
    }
}

function checkVersion(op: Op, tensors: readonly (Tensor | undefined)[], expected: readonly Tensor[], e: OpCase): void {
  const facts = (t: Tensor) => ({ dtype: t.dtype, shape: t.shape, quantization: undefined, isSparse: false });
  const inputs = tensors.map((t) => t && facts(t));
  const version = op.version({ inputs, outputs: expected.map(facts), options: e.options ?? {} });
  if (e.version !== undefined) expect(version, 'version').toBe(e.version);
  expect(leastRuntimes[op.name], `runtimes of version ${version}`).toHaveProperty(String(version));
}

/** The version of a call described by types alone; `q` gives per-tensor parameters to every value. */
export function versionOf(
  op: Op,
  inputs: readonly (ValueType & { readonly quantization?: Quantization })[],
  outputs: readonly (ValueType & { readonly quantization?: Quantization })[],
  options: Options = {},
): number {
  const facts = (t: ValueType & { readonly quantization?: Quantization }) => ({
    dtype: t.dtype,
    shape: t.shape,
    quantization: t.quantization,
    isSparse: false,
  });
  return op.version({ inputs: inputs.map(facts), outputs: outputs.map(facts), options });
}

type Maker = (shape: Shape, values: Iterable<number>) => Tensor;
const maker =
  (dtype: DType): Maker =>
  (shape, values) => {
    const data = allocate(dtype, elementCount(shape));
    const list = [...values];
    if (list.length !== data.length) throw new Error(`${dtype} [${shape}] has not ${list.length} elements`);
    for (const [i, x] of list.entries())
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(x);
      else data[i] = x;
    return { dtype, shape, data };
  };

/** Tensors of tests from a shape and a list of numbers, row-major. Complex ones take (re, im) pairs. */
export const f32 = maker('f32');
export const f64 = maker('f64');
export const i8 = maker('i8');
export const u8 = maker('u8');
export const i16 = maker('i16');
export const u16 = maker('u16');
export const i32 = maker('i32');
export const u32 = maker('u32');
export const i64 = maker('i64');
export const i4 = maker('i4');
export const bool = maker('bool');
export const c64 = maker('c64');

/** Small integers from -5 to 5 in mixed order, times `factor`: `((7 i + start) mod 11) - 5`. */
export const mixed = (count: number, start = 0, factor = 1): number[] =>
  Array.from({ length: count }, (_, i) => (((7 * i + start) % 11) - 5) * factor);

/** A float16 tensor of numbers, which are rounded. */
export const f16: Maker = (shape, values) => ({
  dtype: 'f16',
  shape,
  data: float16FromFloat32(Float32Array.from(values)),
});

/** A tensor of texts. */
export const strings = (shape: Shape, values: readonly string[]): Tensor => ({
  dtype: 'string',
  shape,
  data: values.map((v) => new TextEncoder().encode(v)),
});
