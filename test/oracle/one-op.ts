/** Models of one operator, run by our reference kernels and by the real runtime. */
import { expect } from 'vitest';
import { writeTflite } from '../../src/formats/tflite/index.js';
import { Constant } from '../../src/ir/constant.js';
import { Graph, type Options, Value } from '../../src/ir/graph.js';
import { seededRandom } from '../../src/ir/seeded.js';
import { allocate, bitsOf, type DType, dataFromBytes, elementCount, integerLimits, isFloat, type Quantization, type Shape, type Tensor } from '../../src/ir/tensor.js'; // biome-ignore format: one line
import { evaluateGraph } from '../../src/ops/evaluate.js';
import { type Kernel, loadLiteRt, type RawData } from './litert.js';

/** An input or output of the operator. Inputs without `data` get random elements; see {@link operand}. */
export interface Operand {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly quantization?: Quantization | undefined;
  /** Least and greatest random element; the whole range of 8- and 16-bit integers, -1..1 for floats when absent. */
  readonly range?: readonly [number, number];
  readonly data?: readonly number[];
  /** Stored in the model and not given to it. */
  readonly isConstant?: boolean;
  readonly isVariable?: boolean;
}

export interface OneOp {
  readonly op: string;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  readonly options?: Options;
  /** Kernels of the runtime to compare with; `reference` when absent. */
  readonly kernel?: Kernel;
  /** Greatest difference of floats, relative to the largest value; 1e-5 when absent. */
  readonly tolerance?: number;
  readonly seed?: string;
  /** Tensors that the kernel keeps its intermediate results in, of which it reads the scales. */
  readonly intermediates?: readonly Operand[];
}

/** Runs the operator on random data with both, and fails unless integers are equal and floats close. */
export async function expectSame(row: OneOp): Promise<void> {
  const { graph, inputs } = buildOneOp(row);
  const bytes = writeTflite({ graphs: [graph], signatures: [signatureOf(graph)], description: '', metadata: [] });
  const fed = inputs.map((t) => ({ data: t.data as RawData, shape: t.shape }));
  const named = Object.fromEntries(fed.map((t, i) => [`in${i}`, t]));
  const wanted = await (await loadLiteRt()).run(bytes, named, { kernel: row.kernel ?? 'reference' });
  const got = evaluateGraph(graph, inputs);
  for (const [i, tensor] of got.entries()) {
    const want = wanted[`out${i}`];
    if (!want) throw new Error(`the runtime gives no output ${i}`);
    expect(tensor.shape, `shape of output ${i}`).toEqual(want.shape);
    const packed = bitsOf(tensor.dtype) < 8;
    const data = packed ? dataFromBytes(tensor.dtype, tensor.shape, bytesOf(want.data)) : want.data;
    compareElements(tensor, data as RawData, row.tolerance ?? 1e-5);
  }
}

export function buildOneOp(row: OneOp): { readonly graph: Graph; readonly inputs: readonly Tensor[] } {
  const graph = new Graph('main');
  const inputs: Tensor[] = [];
  const values = row.inputs.map((operand, i) => {
    if (!operand) return undefined;
    const { dtype, shape, quantization, isVariable = false } = operand;
    const data = elementsOf(operand, `${row.op} ${row.seed ?? ''} ${i}`);
    const value = operand.isConstant
      ? Value.constant(`c${i}`, Constant.of(dtype, shape, data))
      : new Value(`x${i}`, dtype, shape);
    value.quantization = quantization;
    value.isVariable = isVariable;
    if (!operand.isConstant && !isVariable) {
      graph.inputs.push(value);
      inputs.push({ dtype, shape, data, quantization });
    }
    return value;
  });
  const outputs = row.outputs.map(({ dtype, shape, quantization }, i) => {
    const value = new Value(`y${i}`, dtype, shape);
    value.quantization = quantization;
    return value;
  });
  graph.outputs.push(...outputs);
  const intermediates = row.intermediates?.map(({ dtype, shape, quantization }, i) => {
    const value = new Value(`inside${i}`, dtype, shape);
    value.quantization = quantization;
    return value;
  });
  const extra = intermediates && { extra: { intermediates } };
  graph.append({ op: row.op, name: 'op', inputs: values, outputs, options: row.options ?? {}, ...extra });
  return { graph, inputs };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: RawData) => new Uint8Array(buffer, byteOffset, byteLength);

const signatureOf = (graph: Graph) => ({
  key: 'serving_default',
  graph: 0,
  inputs: graph.inputs.map((_, index) => ({ name: `in${index}`, index })),
  outputs: graph.outputs.map((_, index) => ({ name: `out${index}`, index })),
});

function elementsOf({ dtype, shape, range, data: given }: Operand, seed: string) {
  const count = elementCount(shape);
  const data = allocate(dtype, count);
  const random = seededRandom(seed);
  const limits = dtype === 'i32' || dtype === 'u32' ? undefined : integerLimits[dtype];
  const [low, high] = range ?? (dtype === 'bool' ? [0, 1] : (limits ?? (isFloat(dtype) ? [-1, 1] : [-1000, 1000])));
  for (let i = 0; i < data.length; i++) {
    const x =
      given?.[i] ?? (isFloat(dtype) ? low + random() * (high - low) : low + Math.floor(random() * (high - low + 1)));
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(x);
    else data[i] = x;
  }
  return data;
}

function compareElements({ dtype, data }: Tensor, wanted: RawData, tolerance: number): void {
  const got = data as ArrayLike<number | bigint>;
  expect(got.length).toBe(wanted.length);
  const at = (list: ArrayLike<number | bigint>, i: number) => Number(list[i]);
  let largest = 0;
  for (let i = 0; i < wanted.length; i++)
    if (Number.isFinite(at(wanted, i))) largest = Math.max(largest, Math.abs(at(wanted, i)));
  const allowed = isFloat(dtype) ? tolerance * largest : 0;
  const differs = (i: number) =>
    !Object.is(at(got, i), at(wanted, i)) && !(Math.abs(at(got, i) - at(wanted, i)) <= allowed);
  const wrong = [...Array(got.length).keys()].filter(differs);
  const [first] = wrong;
  if (first !== undefined)
    expect.fail(
      `element ${first}: expected ${wanted[first]}, got ${got[first]}; ${wrong.length} of ${got.length} differ` +
        ` (largest ${largest})`,
    );
}

/** One scale and zero point for a whole tensor. */
export const perTensor = (scale: number, zeroPoint = 0): Quantization => ({
  scale: Float32Array.of(scale),
  zeroPoint: [zeroPoint],
  axis: 0,
});

/** Scales between `scale` and twice as much, one for each of `count` channels. */
export const perChannel = (count: number, axis: number, scale = 0.01): Quantization => ({
  scale: Float32Array.from({ length: count }, (_, i) => scale * (1 + ((i * 7) % count) / count)),
  zeroPoint: new Array<number>(count).fill(0),
  axis,
});
