import type { Model, Value } from '../../ir/graph.js';
import { Value as IrValue } from '../../ir/graph.js';
import { allocate, type Quantization, type Tensor } from '../../ir/tensor.js';
import { removeDead } from '../../passes/remove-dead.js';
import { type OpenCopy, TRACE } from './traced-model.js';

/** A model whose nodes do not see each other's results. */
export interface IsolatedModel {
  readonly model: Model;
  /** Inputs to be given beside the model's own: name -> the value whose data of A it takes. */
  readonly inputs: ReadonlyMap<string, Value>;
}

/**
 * Cuts a graph at all of `cuts`: whoever read one of them reads an input instead. The outputs are those of `wanted`, under
 * names that begin with {@link TRACE}, in a model of which only what they need is left.
 */
export function isolatedModel(copy: OpenCopy, cuts: readonly Value[], wanted: readonly Value[]): IsolatedModel {
  const { model, graph, signature } = copy;
  const stand = new Map<Value, Value>();
  for (const value of cuts) {
    const input = new IrValue(value.name, value.dtype, value.shape);
    input.quantization = value.quantization;
    for (const { node, index } of [...value.uses]) graph.setInput(node, index, input);
    stand.set(value, input);
  }
  graph.outputs.splice(0, graph.outputs.length, ...wanted);
  removeDead().run(graph);
  const used = cuts.filter((value) => (stand.get(value) as Value).uses.length > 0);
  const first = graph.inputs.length;
  graph.inputs.push(...used.map((value) => stand.get(value) as Value));
  const inputs = new Map(used.map((value, i) => [`<${i}`, value]));
  const cut = {
    ...signature,
    inputs: [...signature.inputs, ...[...inputs.keys()].map((name, i) => ({ name, index: first + i }))],
    outputs: wanted.map((_, i) => ({ name: `${TRACE}${i}`, index: i })),
  };
  return { model: { ...model, signatures: [cut] }, inputs };
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i4: [-8, 7],
};

/** Numbers as a tensor like `value`: rounded to its grid when it is quantized. */
export function tensorLike(value: Value, numbers: Float32Array, shape: readonly number[]): Tensor {
  const range = RANGES[value.dtype];
  if (!range) return { dtype: 'f32', shape, data: numbers };
  const { scale, zeroPoint } = value.quantization as Quantization;
  const data = allocate(value.dtype, numbers.length) as Int8Array;
  for (let i = 0; i < data.length; i++) {
    const q = Math.round((numbers[i] as number) / (scale[0] as number)) + (zeroPoint[0] ?? 0);
    data[i] = Math.min(Math.max(q, range[0]), range[1]);
  }
  return { dtype: value.dtype, shape, data };
}
