import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { convolutions } from './convolution.js';
import { nchwAround } from './layout.js';
import { products } from './matmul.js';

/** One step behind the main operation. `next` gives the next of the node's additional operands. */
type Step = (c: Lowering, x: Value, next: () => Value) => Value;

const activation =
  (op: string): Step =>
  (c, x) =>
    c.emit(op, [x]);

/** What `fused_ops` can name, in lower case: writers do not agree on it. */
const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['biasadd', (c, x, next) => nchwAround(c, x, (y) => [c.emit('ADD', [y, next()])])[0] as Value],
  ['relu', activation('RELU')],
  ['relu6', activation('RELU6')],
  ['relun1to1', activation('RELU_N1_TO_1')],
  ['elu', activation('ELU')],
  ['sigmoid', activation('LOGISTIC')],
  ['tanh', activation('TANH')],
  ['gelu', (c, x) => c.emit('GELU', [x], { approximate: false })],
  ['geluapproximate', (c, x) => c.emit('GELU', [x], { approximate: true })],
  ['leakyrelu', (c, x) => c.emit('LEAKY_RELU', [x], { alpha: c.attrs.float('leakyrelu_alpha', 0.2) })],
  ['prelu', (c, x, next) => prelu(c, x, next())],
]);

/** Slopes of the last axes; PRELU wants one axis less than its input. */
export function prelu(c: Lowering, x: Value, alpha: Value): Value {
  const rank = x.shape?.length;
  const slopes = c.staticShape(alpha, 'the slopes');
  if (rank === undefined || rank < 1) throw new ModelError('unsupported', 'needs to know the rank of its input.');
  const sizes = slopes.length === rank && slopes[0] === 1 ? slopes.slice(1) : slopes;
  const padded = [...new Array<number>(Math.max(0, rank - 1 - sizes.length)).fill(1), ...sizes];
  const same = padded.length === slopes.length;
  if (padded.length === rank - 1)
    return c.emit('PRELU', [x, same ? alpha : c.emit('RESHAPE', [alpha, c.i32(padded)], { newShape: padded })]);
  const negative = c.emit('MUL', [alpha, c.emit('MINIMUM', [x, c.scalar(x, 0)])]);
  return c.emit('ADD', [c.emit('RELU', [x]), negative]);
}

/** The main operation, and behind it what was fused into it; passes fuse it again where there are such operators. */
const fused =
  (main: Lower): Lower =>
  (c) => {
    let [x] = main(c);
    let operand = 2;
    for (const name of c.attrs.strings('fused_ops', [])) {
      const step = STEPS.get(name.toLowerCase());
      if (!step) throw new ModelError('unsupported', `has a fused ${name}.`);
      x = step(c, x as Value, () => c.input(operand++));
    }
    return [x as Value];
  };

const of = (family: Readonly<Record<string, Lower>>, name: string): Lower => family[name] as Lower;

/** Operations that stand for several: grappler's, and those that TensorFlow.js adds. */
export const fusions: Readonly<Record<string, Lower>> = {
  FusedDepthwiseConv2dNative: fused(of(convolutions, 'DepthwiseConv2dNative')),
  Prelu: (c) => [prelu(c, c.input(0), c.input(1))],
  _FusedConv2D: fused(of(convolutions, 'Conv2D')),
  _FusedDepthwiseConv2dNative: fused(of(convolutions, 'DepthwiseConv2dNative')),
  _FusedMatMul: fused(of(products, 'MatMul')),
};
