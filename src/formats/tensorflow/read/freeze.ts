import { Constant } from '../../../ir/constant.js';
import type { DType } from '../../../ir/tensor.js';
import type { TfAttrValue, TfTensorRef } from '../graph.js';
import {
  type Context,
  constantOf,
  type FlatNode,
  isBranch,
  make,
  makeConst,
  onBranch,
  output,
  pathOf,
  type Rule,
  type Scope,
  type Session,
  type Variable,
} from './session.js';
import { isMerge } from './simplify.js';

/**
 * Rules that turn variables into constants. A variable that something reachable writes stays one; reference variables
 * of TensorFlow 1 then become resource variables, so that there is one kind of them.
 */
export const freezeRules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['VarHandleOp', handle],
  ['Variable', reference],
  ['VariableV2', reference],
  ['ReadVariableOp', read],
  ['ResourceGather', gather],
  ['ResourceGatherNd', gatherNd],
  ['VariableShape', variableShape],
  ['VarIsInitializedOp', isInitialized],
  ['IsVariableInitialized', isInitialized],
]);

const int = (value: number): TfAttrValue => ({ kind: 'int', value });
const type = (value: DType): TfAttrValue => ({ kind: 'type', value });

function variableOf({ session, frame, node, attrs }: Context): Variable {
  const id = frame.body === session.graph.main ? node.name : attrs.string('shared_name', '') || node.name;
  return { id, initial: session.initialValue(id) };
}

/** Makes the `VarHandleOp` of a variable, with its initial value. */
function makeHandle(context: Context, variable: Variable): FlatNode {
  const { session, frame, attrs } = context;
  const dtype = variable.initial?.dtype ?? attrs.type('dtype');
  const shape = variable.initial?.shape ?? attrs.shape('shape');
  // The plain name is for what stays in the graph: the handle of a written variable, else the value.
  const frozen = variable.initial && !session.written.has(variable.id);
  const node = make(session, frame.scope, {
    name: `${pathOf(frame.prefix, context.node.name)}${frozen ? '/Handle' : ''}`,
    op: 'VarHandleOp',
    attrs: {
      dtype: type(dtype),
      shape: { kind: 'shape', value: shape },
      shared_name: { kind: 'string', value: new TextEncoder().encode(variable.id) },
    },
    types: ['resource'],
    shapes: [[]],
    ...(variable.initial ? { value: variable.initial } : {}),
  });
  session.handles.set(node, variable);
  return node;
}

function handle(context: Context): FlatNode {
  return makeHandle(context, variableOf(context));
}

function reference(context: Context): readonly TfTensorRef[] | undefined {
  const { session, frame } = context;
  const variable = variableOf(context);
  if (!session.written.has(variable.id) && variable.initial) {
    const node = valueNode(session, frame.scope, variable, variable.initial);
    session.references.set(node, variable);
    return [output(node)];
  }
  const node = makeHandle(context, variable);
  session.references.set(node, variable);
  return [output(node)];
}

/** The one `Const` of a graph or function that holds a variable's value. */
function valueNode(session: Session, scope: Scope, variable: Variable, value: Constant): FlatNode {
  const key = `value ${variable.id}`;
  let node = scope.shared.get(key);
  if (!node) {
    node = makeConst(session, scope, variable.id, value);
    scope.shared.set(key, node);
  }
  return node;
}

const PASSING: ReadonlySet<string> = new Set(['Switch', 'RefSwitch', 'Enter', 'RefEnter']);

/** Where a handle comes from that has passed the `Enter` and `Switch` nodes of TensorFlow 1's loops and branches. */
function sourceOf(ref: TfTensorRef): { readonly ref: TfTensorRef; readonly branches: readonly TfTensorRef[] } {
  const branches: TfTensorRef[] = [];
  let at = ref;
  while (PASSING.has(at.node.op) && at.node.inputs[0]) {
    if (isBranch(at)) branches.unshift(at);
    at = at.node.inputs[0];
  }
  return { ref: at, branches };
}

/** The constant that a handle's variable holds, when nothing writes it. */
function frozen({ session, frame }: Context, handle: TfTensorRef | undefined): TfTensorRef | undefined {
  if (!handle) return undefined;
  const { ref, branches } = sourceOf(handle);
  const variable = session.handles.get(ref.node);
  if (!variable?.initial || session.written.has(variable.id)) return undefined;
  const value = output(valueNode(session, frame.scope, variable, variable.initial));
  return branches.reduce((data, branch) => onBranch(session, frame.scope, data, branch), value);
}

function read(context: Context): readonly TfTensorRef[] | undefined {
  const value = frozen(context, context.inputs[0]);
  return value && [value];
}

function gather(context: Context): FlatNode | undefined {
  const { session, frame, node, attrs, inputs } = context;
  const table = frozen(context, inputs[0]);
  const [, indices] = inputs;
  if (!table || !indices) return undefined;
  const batchDims = attrs.int('batch_dims', 0);
  const name = pathOf(frame.prefix, node.name);
  const axis = makeConst(session, frame.scope, `${name}/axis`, Constant.i32(batchDims));
  return make(session, frame.scope, {
    name,
    op: 'GatherV2',
    inputs: [table, indices, output(axis)],
    attrs: {
      Tparams: type(attrs.type('dtype')),
      Tindices: type(attrs.type('Tindices')),
      Taxis: type('i32'),
      batch_dims: int(batchDims),
    },
    types: [attrs.type('dtype')],
    ...hint(context),
  });
}

function gatherNd(context: Context): FlatNode | undefined {
  const { session, frame, node, attrs, inputs } = context;
  const table = frozen(context, inputs[0]);
  const [, indices] = inputs;
  if (!table || !indices) return undefined;
  return make(session, frame.scope, {
    name: pathOf(frame.prefix, node.name),
    op: 'GatherNd',
    inputs: [table, indices],
    attrs: { Tparams: type(attrs.type('dtype')), Tindices: type(attrs.type('Tindices')) },
    types: [attrs.type('dtype')],
    ...hint(context),
  });
}

function hint({ session, node }: Context) {
  const { shapes } = session.graph.detailsOf(node);
  return session.hints && shapes ? { shapes } : {};
}

function variableShape(context: Context): FlatNode | undefined {
  const { session, frame, node, attrs, inputs } = context;
  const value = frozen(context, inputs[0]);
  const shape = value && constantOf(sourceOf(value).ref)?.shape;
  if (!shape) return undefined;
  const wide = attrs.type('out_type', 'i32') === 'i64';
  const sizes = wide ? Constant.of('i64', [shape.length], BigInt64Array.from(shape, BigInt)) : Constant.i32(shape);
  return makeConst(session, frame.scope, pathOf(frame.prefix, node.name), sizes);
}

function isInitialized({ session, frame, node, inputs }: Context): FlatNode | undefined {
  const variable = inputs[0] && (session.handles.get(inputs[0].node) ?? session.references.get(inputs[0].node));
  if (!variable?.initial) return undefined;
  return makeConst(session, frame.scope, pathOf(frame.prefix, node.name), Constant.of('bool', [], Uint8Array.of(1)));
}

/** Operations on a reference variable -> the same on a resource variable. */
const referenceWrites: ReadonlyMap<string, string> = new Map([
  ['Assign', 'AssignVariableOp'],
  ['AssignAdd', 'AssignAddVariableOp'],
  ['AssignSub', 'AssignSubVariableOp'],
  ['CountUpTo', 'ResourceCountUpTo'],
  ['StridedSliceAssign', 'ResourceStridedSliceAssign'],
  ...['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max', 'Update'].map((kind): [string, string] => [
    `Scatter${kind}`,
    `ResourceScatter${kind}`,
  ]),
  ...['Add', 'Sub', 'Min', 'Max', 'Update'].map((kind): [string, string] => [
    `ScatterNd${kind}`,
    `ResourceScatterNd${kind}`,
  ]),
]);
const resourceOf = (op: string): string | undefined =>
  referenceWrites.get(op) ?? (/^(Sparse)?Apply[A-Z]/.test(op) ? `Resource${op}` : undefined);

/** Operations that only look at the variable of a handle. */
const readers: ReadonlySet<string> = new Set([
  'ReadVariableOp',
  'ResourceGather',
  'ResourceGatherNd',
  'VariableShape',
  'VarIsInitializedOp',
  'IsVariableInitialized',
]);

/**
 * Handles operations that write variables; undefined for all others. Writes are noted in `session.found`, and kept
 * as effects of the graph.
 */
export function writeRule(context: Context): readonly TfTensorRef[] | FlatNode | undefined {
  const { session, frame, node, attrs, inputs } = context;
  const target = inputs[0];
  const reference = target && session.references.get(target.node);
  const op = resourceOf(node.op);
  if (target && reference && op) {
    if (session.initializing) return [target];
    session.found.add(reference.id);
    if (!session.handles.has(target.node)) return [target];
    const dtype = attrs.type('T', 'f32');
    const written = make(session, frame.scope, {
      name: pathOf(frame.prefix, node.name),
      op,
      inputs,
      attrs: {
        ...Object.fromEntries(attrs.names.flatMap((n) => (attrs.value(n) ? [[n, attrs.value(n) as TfAttrValue]] : []))),
        dtype: type(dtype),
      },
      types: [],
    });
    frame.scope.effects.push(written);
    return [target];
  }
  const written = writtenVariables(context);
  if (written.length > 0 && session.initializing) return inputs.slice(0, 1);
  for (const { id } of written) session.found.add(id);
  return undefined;
}

/** The variables whose handle goes into an operation that may write it: any that is not known only to read. */
export const writtenVariables = ({ session, node, inputs }: Context): Variable[] =>
  readers.has(node.op) || PASSING.has(node.op) || isMerge(node.op)
    ? []
    : inputs.flatMap((ref) => session.handles.get(sourceOf(ref).ref.node) ?? []);

/** Whether an operation works on reference variables themselves, not on their values. */
export const takesReference = (op: string): boolean =>
  resourceOf(op) !== undefined || op === 'IsVariableInitialized' || /^Ref[A-Z]/.test(op);

/** The value of a written reference variable, at this point of the execution. */
export function readReference({ session, frame }: Context, ref: TfTensorRef): TfTensorRef {
  const dtype = ref.node.attrs.type('dtype');
  const node = make(session, frame.scope, {
    name: `${ref.node.name}/Read`,
    op: 'ReadVariableOp',
    inputs: [ref],
    attrs: { dtype: type(dtype) },
    types: [dtype],
    shapes: [ref.node.attrs.shape('shape')],
  });
  return output(node);
}
