import { Constant } from '../../src/ir/constant.js';
import { Graph, type Options, Value } from '../../src/ir/graph.js';
import { seededRandom } from '../../src/ir/seeded.js';
import { elementCount, isStatic, type Quantization, type Shape, type Tensor } from '../../src/ir/tensor.js';
import { requireOp } from '../../src/ops/build.js';

/** A graph, tensors to run it on, and what its outputs are then. */
export interface RandomGraph {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Floats are multiples of 1/256 and small, so that sums and products in any order have the same bits. */
const UNITS = 256;
const LARGEST = 4096;
const SIZES = [1, 1, 2, 3, 4, 5, 7, 8, 16, 17] as const;
const CLAMPS = ['NONE', 'NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1'] as const;
/** Bytes that stand for multiples of 1/4. */
const QUARTERS: Quantization = { scale: Float32Array.of(0.25), zeroPoint: [3], axis: 0 };

const isExact = ({ dtype, data }: Tensor): boolean =>
  dtype !== 'f32' || (data as Float32Array).every((x) => Number.isInteger(x * UNITS) && Math.abs(x) <= LARGEST);

/** Can the one be broadcast with the other? */
const meets = (a: Shape, b: Shape): boolean => {
  const size = (shape: Shape, i: number) => shape.at(-1 - i) ?? 1;
  const axes = [...Array(Math.max(a.length, b.length)).keys()];
  return axes.every((i) => size(a, i) === size(b, i) || size(a, i) === 1 || size(b, i) === 1);
};

/**
 * A graph that depends on the seed alone: chains that kernels fuse, values that are read again, views, parts and joins,
 * results that nobody reads, outputs in any order.
 */
export function randomGraph(seed: string): RandomGraph {
  const draft = new Draft(seed);
  for (let i = 1 + draft.below(3); i > 0; i--) draft.input();
  const size = 3 + draft.below(draft.pick([5, 12, 30]));
  for (let i = 0; i < size; i++) draft.pick(steps)(draft, draft.value());
  return draft.finish();
}

class Draft {
  readonly graph = new Graph('main');
  readonly #tensors = new Map<Value, Tensor>();
  readonly #pool: Value[] = [];
  readonly #random: () => number;
  #names = 0;

  constructor(seed: string) {
    this.#random = seededRandom(seed);
  }

  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  shape(rank = this.pick([0, 1, 2, 2, 3, 4, 4, 4, 5])): number[] {
    return Array.from({ length: rank }, () => this.pick(SIZES));
  }

  #quarters(shape: Shape): Float32Array {
    return Float32Array.from({ length: elementCount(shape) }, () => (this.below(9) - 4) / 4);
  }

  input(shape: Shape = this.shape()): void {
    const value = new Value(`x${this.#names++}`, 'f32', shape);
    this.#tensors.set(value, { dtype: 'f32', shape, data: this.#quarters(shape) });
    this.graph.inputs.push(value);
    this.#pool.push(value);
  }

  floats(shape: Shape): Value {
    return Value.constant(`c${this.#names++}`, Constant.f32(this.#quarters(shape), shape));
  }

  integers(list: readonly number[], shape?: Shape): Value {
    return Value.constant(`c${this.#names++}`, Constant.i32(list, shape));
  }

  /** A value that there is, more often a new one; with `fits`, undefined when there is none such. */
  value(): Value;
  value(fits: (value: Value) => boolean): Value | undefined;
  value(fits: (value: Value) => boolean = () => true): Value | undefined {
    const list = this.#pool.filter(fits);
    return this.below(2) === 0 ? list.at(-1) : this.pick(list);
  }

  /** Adds a node, unless its results would not be exact. */
  emit(op: string, inputs: readonly (Value | undefined)[], options: Options = {}, quantization?: Quantization): void {
    const { defaults, infer, reference } = requireOp(op);
    const tensors = inputs.map((v) => v && (this.#tensors.get(v) ?? v.constant!.tensor()));
    const known = tensors.map(
      (t) => t && { ...t, elements: t.data.length > 64 ? undefined : Array.from(t.data, Number) },
    );
    const all = { ...defaults, ...options };
    const types = infer(known, all).map(({ dtype, shape }) => ({ dtype: quantization ? 'i8' : dtype, shape, quantization } as const)); // biome-ignore format: one type
    if (!types.every(({ shape }) => isStatic(shape) && elementCount(shape) <= 4096 && shape.length <= 5)) return;
    const results = reference!(tensors, types, all);
    if (!results.every(isExact)) return;
    const outputs = types.map(({ dtype, shape }) => new Value(`v${this.#names++}`, dtype, shape));
    for (const [i, value] of outputs.entries()) {
      value.quantization = quantization;
      this.#tensors.set(value, { ...results[i]!, quantization });
    }
    this.graph.append({ op, name: outputs[0]!.name, inputs, outputs, options: all });
    this.#pool.push(...outputs);
  }

  /** Most of what nobody reads leaves, some of the rest does, too; one may leave twice. */
  finish(): RandomGraph {
    const leaves = this.#pool.filter((v) => this.below(8) < (v.uses.length === 0 ? 7 : 1));
    const outputs = [...leaves, ...(this.below(9) === 0 ? leaves.slice(0, 1) : []), this.#pool.at(-1)!];
    this.graph.outputs.push(...outputs.sort(() => this.below(3) - 1));
    const tensor = (value: Value) => this.#tensors.get(value)!;
    return { graph: this.graph, inputs: this.graph.inputs.map(tensor), outputs: this.graph.outputs.map(tensor) };
  }
}

const sizes = (value: Value): number[] => [...value.shape!];
const isFloat = ({ dtype }: Value): boolean => dtype === 'f32';
const order = (draft: Draft, n: number): number[] => [...Array(n).keys()].sort(() => draft.below(3) - 1);

/** Something to join `x` with: another value, or constants that broadcast to it. */
function partner(draft: Draft, x: Value): Value {
  const other = draft.value((v) => isFloat(v) && v !== x && meets(sizes(v), sizes(x)));
  if (other && draft.below(3) > 0) return other;
  const shape = sizes(x);
  return draft.floats(draft.pick([[], shape.slice(-1), shape, shape.map((d) => (draft.below(2) ? d : 1))]));
}

/** Steps on floats only. */
const onFloats =
  (step: (draft: Draft, x: Value) => void) =>
  (draft: Draft, x: Value): void => {
    if (isFloat(x)) step(draft, x);
  };

const window = (draft: Draft) => ({
  padding: draft.pick(['SAME', 'VALID']),
  strideH: draft.pick([1, 1, 2]),
  strideW: draft.pick([1, 1, 2]),
});

const elementwise = onFloats((draft, x) => {
  const op = draft.pick(['RELU', 'RELU6', 'ABS', 'NEG', 'FLOOR', 'LEAKY_RELU', 'SQUARE', 'SIGN']);
  draft.emit(op, [x], op === 'LEAKY_RELU' ? { alpha: 0.25 } : {});
});

const pair = onFloats((draft, x) => {
  const op = draft.pick(['ADD', 'ADD', 'SUB', 'MUL', 'MAXIMUM', 'MINIMUM', 'SQUARED_DIFFERENCE']);
  const operands = [x, partner(draft, x)];
  const options = /ADD|SUB|MUL/.test(op) ? { fusedActivationFunction: draft.pick(CLAMPS) } : {};
  draft.emit(op, draft.below(2) ? operands : operands.reverse(), options);
});

const product = onFloats((draft, x) => {
  const [n, o] = [sizes(x).at(-1), draft.pick(SIZES)];
  const fused = { fusedActivationFunction: draft.pick(CLAMPS) };
  const bias = draft.below(3) > 0 ? draft.floats([o]) : undefined;
  const [kh, kw] = [draft.pick([1, 1, 2, 3]), draft.pick([1, 1, 2, 3])];
  const fits = sizes(x).length === 4 && sizes(x)[1]! >= kh && sizes(x)[2]! >= kw;
  if (n === undefined) return;
  if (!fits) draft.emit('FULLY_CONNECTED', [x, draft.floats([o, n]), bias], { ...fused, keepNumDims: true });
  else if (draft.below(3) === 0)
    draft.emit('DEPTHWISE_CONV_2D', [x, draft.floats([1, kh, kw, n]), undefined], { ...window(draft), ...fused, depthMultiplier: 1 }); // biome-ignore format: one call
  else draft.emit('CONV_2D', [x, draft.floats([o, kh, kw, n]), bias], { ...window(draft), ...fused });
});

const pool = onFloats((draft, x) => {
  if (sizes(x).length === 4 && sizes(x)[1]! > 1 && sizes(x)[2]! > 1)
    draft.emit('MAX_POOL_2D', [x], { ...window(draft), filterHeight: 2, filterWidth: 2 });
});

const reduction = onFloats((draft, x) => {
  const axes = draft.integers(order(draft, sizes(x).length).slice(0, 2));
  draft.emit(draft.pick(['SUM', 'REDUCE_MAX', 'REDUCE_MIN']), [x, axes], { keepDims: draft.below(2) === 0 });
});

const choice = onFloats((draft, x) => {
  draft.emit(draft.pick(['GREATER', 'LESS_EQUAL', 'EQUAL']), [x, partner(draft, x)]);
  const condition = draft.value((v) => v.dtype === 'bool' && meets(sizes(v), sizes(x)));
  if (condition) draft.emit('SELECT_V2', [condition, x, draft.floats([1])]);
});

function toBytes(draft: Draft, x: Value): void {
  if (isFloat(x)) draft.emit('QUANTIZE', [x], {}, QUARTERS);
  else if (x.dtype === 'i8') draft.emit('DEQUANTIZE', [x]);
}

/** Steps that move elements of any type. */
const moves: Readonly<Record<string, (draft: Draft, x: Value) => void>> = {
  RESHAPE(draft, x) {
    const all = elementCount(x.shape!);
    const shape = draft.pick([[all], [1, all], [all, 1], [1, ...sizes(x)], [-1, sizes(x).at(-1) ?? 1]]);
    draft.emit('RESHAPE', [x, draft.integers(shape)], { newShape: shape }, x.quantization);
  },
  TRANSPOSE: (draft, x) =>
    draft.emit('TRANSPOSE', [x, draft.integers(order(draft, sizes(x).length))], {}, x.quantization),
  CONCATENATION(draft, x) {
    const axis = draft.below(sizes(x).length);
    const fits = (v: Value) => v.dtype === x.dtype && String(sizes(v).toSpliced(axis, 1)) === String(sizes(x).toSpliced(axis, 1)); // biome-ignore format: one rule
    const parts = [x, draft.value((v) => fits(v) && sizes(v).length === sizes(x).length)!, x].slice(draft.below(2));
    if (sizes(x).length > 0) draft.emit('CONCATENATION', parts, { axis }, x.quantization);
  },
  SPLIT(draft, x) {
    const axis = draft.below(sizes(x).length);
    const numSplits = [3, 2, 5, 1].find((n) => (sizes(x)[axis] ?? 1) % n === 0);
    if (sizes(x).length > 0) draft.emit('SPLIT', [draft.integers([axis], []), x], { numSplits }, x.quantization);
  },
  SLICE(draft, x) {
    const begin = sizes(x).map((d) => draft.below(d));
    const size = sizes(x).map((d, i) => 1 + draft.below(d - begin[i]!));
    draft.emit('SLICE', [x, draft.integers(begin), draft.integers(size)], {}, x.quantization);
  },
  PAD(draft, x) {
    const cells = sizes(x).flatMap(() => [draft.below(2), draft.below(2)]);
    if (isFloat(x)) draft.emit('PAD', [x, draft.integers(cells, [sizes(x).length, 2])]);
  },
};

const move = (draft: Draft, x: Value): void => draft.pick(Object.values(moves))(draft, x);

/** What may come next; often named ones come often. */
const steps = [elementwise, pair, pair, product, product, pool, reduction, choice, toBytes, move, move, move];
