import type { Value } from '../../../ir/graph.js';
import { broadcasting } from './binary.js';
import type { Lower, Lowering } from './context.js';
import { formula } from './elementwise.js';
import { int32Input } from './shapes.js';

const mul = (c: Lowering, x: Value, y: Value): Value => c.emit('MUL', [x, y]);
const oneMinus = (c: Lowering, x: Value): Value => c.emit('SUB', [c.scalar(x, 1), x]);

/** The loss `-sum(labels * log_softmax(logits))` of each row. */
function crossEntropy(c: Lowering, logits: Value, labels: Value): Value {
  const negative = c.emit('NEG', [c.emit('LOG_SOFTMAX', [logits])]);
  const absent = c.emit('EQUAL', [labels, c.scalar(labels, 0)]);
  const terms = c.emit('SELECT_V2', [absent, c.scalar(negative, 0), mul(c, negative, labels)]);
  return c.emit('SUM', [terms, c.i32([-1])], { keepDims: false });
}

/** Loss, and the difference between what was predicted and what was expected. */
function lossAndGradient(c: Lowering, logits: Value, labels: Value): Value[] {
  const loss = crossEntropy(c, logits, labels);
  if (!c.isRead(1)) return [loss, loss];
  return [loss, c.emit('SUB', [c.emit('SOFTMAX', [logits], { beta: 1 }), labels])];
}

/** Labels that are numbers of classes; one that is out of range makes its row NaN. */
const sparseCrossEntropy: Lower = (c) => {
  const logits = c.input(0);
  const classes = c.staticShape(logits, 'its logits')[1] as number;
  const ids = int32Input(c, 1);
  const hot = c.emit('ONE_HOT', [ids, c.i32(classes), c.scalar(logits, 1), c.scalar(logits, 0)], { axis: 1 });
  const above = c.emit('LESS_EQUAL', [c.i32(0), ids]);
  const inRange = c.emit('LOGICAL_AND', [above, c.emit('LESS', [ids, c.i32(classes)])]);
  const penalty = c.emit('SELECT_V2', [inRange, c.scalar(logits, 0), c.scalar(logits, Number.NaN)]);
  const column = c.emit('RESHAPE', [penalty, c.i32([logits.shape?.[0] ?? -1, 1])]);
  return lossAndGradient(c, logits, broadcasting(c, 'ADD', [hot, column]));
};

/** Factors of the self-normalizing activation: `1.0507` above 0, `1.7581 * exp(x)` below. */
const seluGradient: Lower = (c) => {
  const [gradient, y] = [c.input(0), c.input(1)];
  const positive = c.emit('GREATER', [y, c.scalar(y, 0)]);
  const linear = mul(c, gradient, c.scalar(y, 1.0507009873554805));
  const curved = mul(c, gradient, c.emit('ADD', [y, c.scalar(y, 1.7580993408473768)]));
  return [c.emit('SELECT', [positive, linear, curved])];
};

/** `-0.5 * gradient * y³`. */
const rsqrtGradient: Lower = (c) => {
  const [y, gradient] = [c.input(0), c.input(1)];
  const cube = mul(c, mul(c, y, y), y);
  return [mul(c, mul(c, gradient, c.scalar(y, -0.5)), cube)];
};

/** Losses and gradients that end up in models which compute them. */
export const trainings: Readonly<Record<string, Lower>> = {
  RsqrtGrad: rsqrtGradient,
  SeluGrad: seluGradient,
  SigmoidGrad: formula((c, y, gradient) => mul(c, gradient, mul(c, oneMinus(c, y), y))),
  SoftmaxCrossEntropyWithLogits: (c) => lossAndGradient(c, c.input(0), c.input(1)),
  SparseSoftmaxCrossEntropyWithLogits: sparseCrossEntropy,
  SqrtGrad: formula((c, y, gradient) => c.emit('DIV', [mul(c, gradient, c.scalar(y, 0.5)), y])),
  TanhGrad: formula((c, y, gradient) => mul(c, oneMinus(c, c.emit('SQUARE', [y])), gradient)),
};
