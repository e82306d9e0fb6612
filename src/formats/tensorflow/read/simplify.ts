import { Constant } from '../../../ir/constant.js';
import type { TfTensorRef } from '../graph.js';
import { type Context, constantOf, DEAD, type FlatNode, makeConst, output, pathOf, type Rule } from './session.js';

/** Rules that leave out nodes without an effect on values, and choose branches of constant predicates. */
export const simplifyRules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...[
    'Identity',
    'RefIdentity',
    'StopGradient',
    'PreventGradient',
    'CheckNumerics',
    'CheckNumericsV2',
    'Snapshot',
    'DeepCopy',
    'Copy',
    'CopyHost',
    'DebugIdentity',
    'DebugIdentityV2',
    'DebugIdentityV3',
    'Print',
    'PlaceholderWithDefault',
    'XlaSharding',
  ].map((op): [string, Rule] => [op, ({ inputs }) => inputs.slice(0, 1)]),
  ['IdentityN', ({ inputs }) => inputs],
  ['XlaOptimizationBarrier', ({ inputs }) => inputs],
  ['EnsureShape', ensureShape],
  ['Const', constant],
  ['Placeholder', learningPhase],
  ['Switch', chooseBranch],
  ['RefSwitch', chooseBranch],
  ['Merge', merge],
  ['RefMerge', merge],
  ...['NoOp', 'ControlTrigger', 'Assert', 'PrintV2'].map((op): [string, Rule] => [op, () => []]),
  ['LogicalNot', ({ inputs, ...c }) => decide(c, inputs, ([a]) => !a)],
  ['LogicalAnd', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => !!a && !!b)],
  ['LogicalOr', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => !!a || !!b)],
  ['Equal', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => a === b)],
  ['NotEqual', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => a !== b)],
  ['Greater', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => a! > b!)],
  ['GreaterEqual', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => a! >= b!)],
  ['Less', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => a! < b!)],
  ['LessEqual', ({ inputs, ...c }) => decide(c, inputs, ([a, b]) => a! <= b!)],
]);

/** The operations of TensorFlow 1 that route values along branches and loops; they have rules of their own for dead inputs. */
export const isMerge = (op: string): boolean => op === 'Merge' || op === 'RefMerge';

/** The check is dropped; what it says becomes a hint on the node that made the tensor. */
function ensureShape({ session, attrs, inputs }: Context): readonly TfTensorRef[] {
  const [ref] = inputs;
  const shape = attrs.shape('shape');
  if (ref && shape && session.hints) {
    const maker = ref.node as FlatNode;
    const shapes = maker.outputShapes ?? [];
    const known = shapes[ref.index];
    if (known === undefined || known.length === shape.length) {
      maker.outputShapes = Array.from({ length: Math.max(shapes.length, ref.index + 1) }, (_, i) => shapes[i]);
      maker.outputShapes[ref.index] = shape.map((d, axis) => (d < 0 ? (known?.[axis] ?? -1) : d));
    }
  }
  return inputs.slice(0, 1);
}

function constant({ session, frame, node, attrs }: Context): FlatNode {
  const value = session.graph.externalValue?.(frame.body, node, attrs.type('dtype')) ?? attrs.tensor('value');
  return makeConst(session, frame.scope, pathOf(frame.prefix, node.name), value);
}

/** Keras of TensorFlow 1 feeds a flag that tells training from inference; here it is always inference. */
function learningPhase({ session, frame, node, attrs }: Context): FlatNode | undefined {
  if (!/(^|\/)keras_learning_phase$/.test(node.name) || attrs.type('dtype') !== 'bool') return undefined;
  return makeConst(session, frame.scope, pathOf(frame.prefix, node.name), Constant.of('bool', [], Uint8Array.of(0)));
}

/**
 * What a condition says: a scalar is true when it is not zero (strings: not empty), other tensors when they have
 * elements. Undefined when it is not constant.
 */
export function truthOf(ref: TfTensorRef | undefined): boolean | undefined {
  const value = constantOf(ref);
  if (!value) return undefined;
  if (value.shape.length > 0) return value.count > 0;
  const [first] = value.data();
  return first instanceof Uint8Array ? first.length > 0 : Number(first) !== 0;
}

function chooseBranch({ inputs }: Context): readonly TfTensorRef[] | undefined {
  const [data, predicate] = inputs;
  const truth = truthOf(predicate);
  if (truth === undefined || !data) return undefined;
  return truth ? [DEAD, data] : [data, DEAD];
}

/** Passes the only input that is alive. In a loop, an input is still to come: then all stay. */
function merge({ session, frame, node, inputs }: Context): readonly TfTensorRef[] | undefined {
  const alive = inputs.flatMap((ref, index) => (ref === DEAD ? [] : [{ ref, index }]));
  const [only] = alive;
  if (!only) return [DEAD, DEAD];
  if (alive.length > 1 || inputs.length < node.inputs.length) return undefined;
  const index = makeConst(
    session,
    frame.scope,
    `${pathOf(frame.prefix, node.name)}/value_index`,
    Constant.i32(only.index),
  );
  return [only.ref, output(index)];
}

/** Computes a predicate over constant scalars. */
function decide(
  { session, frame, node }: Omit<Context, 'inputs'>,
  inputs: readonly TfTensorRef[],
  test: (values: readonly (number | bigint)[]) => boolean,
): FlatNode | undefined {
  const values: (number | bigint)[] = [];
  for (const ref of inputs) {
    const value = constantOf(ref);
    if (!value || value.shape.length > 0 || value.dtype === 'string' || value.dtype === 'f16') return undefined;
    const [first] = value.data();
    if (typeof first !== 'number' && typeof first !== 'bigint') return undefined;
    values.push(first);
  }
  if (values.length !== node.inputs.length || values.length === 0) return undefined;
  const value = Constant.of('bool', [], Uint8Array.of(test(values) ? 1 : 0));
  return makeConst(session, frame.scope, pathOf(frame.prefix, node.name), value);
}
