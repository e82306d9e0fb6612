import { ModelError } from '../../../errors.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import type { TfAttrValue, TfFunction, TfTensorRef } from '../graph.js';
import { makeAttrs } from './attrs.js';
import type { RawFunction } from './raw-graph.js';
import {
  type Context,
  callPath,
  constantOf,
  type FlatNode,
  isShareable,
  make,
  newScope,
  output,
  pathOf,
  prune,
  type Result,
  type Rule,
  type Session,
  share,
  spend,
  uniqueName,
  within,
} from './session.js';
import { truthOf } from './simplify.js';

/**
 * Rules for calls and for control flow over functions. Calls are inlined, as are branches of constant conditions.
 * Operands that are constants or handles, and for loops do not change, are taken into the functions; the rest of the
 * operands stays in order.
 */
export const controlFlowRules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['PartitionedCall', call],
  ['StatefulPartitionedCall', call],
  ['BatchFunction', call],
  ['If', branch],
  ['StatelessIf', branch],
  ['Case', branch],
  ['StatelessCase', branch],
  ['While', loop],
  ['StatelessWhile', loop],
]);

function call({ session, frame, node, attrs, inputs }: Context): readonly TfTensorRef[] {
  return inline(session, attrs.func('f'), inputs, callPath(frame.prefix, node.name), frame.scope);
}

/** A node whose operation is a function of the library. */
export function callByName({ session, frame, node, inputs }: Context): readonly TfTensorRef[] {
  return inline(session, node.op, inputs, callPath(frame.prefix, node.name), frame.scope);
}

function inline(
  session: Session,
  name: string,
  inputs: readonly TfTensorRef[],
  prefix: string,
  scope: FlatScope,
): readonly TfTensorRef[] {
  const raw = session.graph.functionOf(name);
  checkOperands(raw, inputs.length);
  return within(session, name, () => session.call(raw, inputs, prefix, scope));
}
type FlatScope = Parameters<Session['call']>[3];

function checkOperands(raw: RawFunction, count: number): void {
  if (raw.args.length !== count)
    throw new ModelError('invalid-graph', `${raw.args.length} arguments expected, ${count} given.`, {
      where: `function '${raw.name}'`,
    });
}

function branch(context: Context): Result {
  const { session, frame, node, attrs, inputs } = context;
  const [condition, ...operands] = inputs;
  const many = node.op.endsWith('Case');
  const names = many ? attrs.funcs('branches') : [attrs.func('then_branch'), attrs.func('else_branch')];
  const chosen = many ? chosenCase(condition, names.length) : truthOf(condition);
  const path = callPath(frame.prefix, node.name);
  if (chosen !== undefined) {
    const name = names[Number(many ? chosen : !chosen)] ?? '';
    return inline(session, name, operands, path, frame.scope);
  }
  const bound = operands.map((ref) => isShareable(session, ref));
  const functions = names.map((name) => makeFunction(session, name, path, operands, bound, []));
  const live = operands.filter((_, k) => !bound[k]);
  const keys = functions.map((f): TfAttrValue => ({ kind: 'func', value: f.name }));
  const changed = new Map<string, TfAttrValue | undefined>(
    many
      ? [['branches', { kind: 'list', value: keys }]]
      : [
          ['then_branch', keys[0]],
          ['else_branch', keys[1]],
        ],
  );
  changed.set('Tin', keep(attrs.value('Tin'), bound));
  changed.set('_read_only_resource_inputs', undefined);
  return emit(context, condition ? [condition, ...live] : live, changed, functions, []);
}

/** The branch that a constant index names; the last one when it is out of range. */
function chosenCase(condition: TfTensorRef | undefined, count: number): number | undefined {
  const index = constantOf(condition)?.numbers()[0];
  if (index === undefined) return undefined;
  return index >= 0 && index < count ? index : count - 1;
}

function loop(context: Context): Result {
  const { session, frame, node, attrs, inputs } = context;
  const path = callPath(frame.prefix, node.name);
  const condition = attrs.func('cond');
  const body = attrs.func('body');
  const passed = passedThrough(session.graph.functionOf(body));
  const bound = inputs.map((ref, k) => passed.has(k) && isShareable(session, ref));
  const shapes = attrs.shapes('output_shapes');
  const functions = [
    makeFunction(session, condition, path, inputs, bound, shapes),
    makeFunction(session, body, path, inputs, bound, shapes, bound),
  ];
  const [conditionFunction, bodyFunction] = functions as [TfFunction, TfFunction];
  const changed = new Map<string, TfAttrValue | undefined>([
    ['cond', { kind: 'func', value: conditionFunction.name }],
    ['body', { kind: 'func', value: bodyFunction.name }],
    ['T', keep(attrs.value('T'), bound)],
    ['output_shapes', keep(attrs.value('output_shapes'), bound)],
    ['_output_shapes', keep(attrs.value('_output_shapes'), bound)],
    ['_num_original_outputs', undefined],
    ['_read_only_resource_inputs', undefined],
  ]);
  const live = inputs.filter((_, k) => !bound[k]);
  const made = emit(context, live, changed, functions, bound);
  let next = 0;
  return inputs.map((ref, k) => (bound[k] ? ref : output(made, next++)));
}

/** Results of a function that are, by way of identities, its own argument of the same number. */
function passedThrough(raw: RawFunction): Set<number> {
  const passed = new Set<number>();
  raw.results.forEach((result, k) => {
    let source = result;
    for (let steps = 0; steps < 100 && !raw.argNames.has(source.node); steps++) {
      const node = raw.nodes.get(source.node);
      if (node?.op !== 'Identity' || !node.inputs[0]) return;
      source = node.inputs[0];
    }
    if (source.node === raw.args[k]?.name) passed.add(k);
  });
  return passed;
}

const keep = (list: TfAttrValue | undefined, bound: readonly boolean[]): TfAttrValue | undefined =>
  list?.kind === 'list' ? { kind: 'list', value: list.value.filter((_, k) => !bound[k]) } : list;

/** The node of the flat graph, with changed attributes. */
function emit(
  { session, frame, node }: Context,
  inputs: readonly TfTensorRef[],
  changed: ReadonlyMap<string, TfAttrValue | undefined>,
  functions: readonly TfFunction[],
  bound: readonly boolean[],
): FlatNode {
  spend(session);
  const { types, shapes } = session.graph.detailsOf(node);
  const facts = session.graph.factsOf(node.op);
  const name = uniqueName(session, pathOf(frame.prefix, node.name));
  const known = changed.get('output_shapes')?.value as { value: Shape | undefined }[] | undefined;
  const outputShapes = shapes?.filter((_, k) => !bound[k]) ?? (known?.length ? known.map((s) => s.value) : undefined);
  const made: FlatNode = {
    name,
    op: node.op,
    inputs: [...inputs],
    attrs: makeAttrs({
      where: `${node.op} '${name}'`,
      origin: session.graph.origin,
      encoded: node.encoded,
      changed,
      facts,
    }),
    ...(types ? { outputTypes: types.filter((_, k) => !bound[k]) } : {}),
    ...(session.hints && outputShapes ? { outputShapes } : {}),
  };
  frame.scope.nodes.push(made);
  if (functions.some((f) => f.effects.length > 0)) frame.scope.effects.push(made);
  return made;
}

/**
 * Makes a function flat for one place of use. Operands that are `bound` are taken in; the others are its arguments.
 * Results that are `dropped` are left out.
 */
function makeFunction(
  session: Session,
  name: string,
  prefix: string,
  operands: readonly TfTensorRef[],
  bound: readonly boolean[],
  shapes: readonly (Shape | undefined)[],
  dropped: readonly boolean[] = [],
): TfFunction {
  const raw = session.graph.functionOf(name);
  checkOperands(raw, operands.length);
  const scope = newScope();
  const args: FlatNode[] = [];
  const values = operands.map((ref, k) => {
    if (bound[k]) return share(session, scope, ref);
    const arg = raw.args[k] as { name: string; dtype: DType };
    const shape = session.hints ? (shapes[k] ?? ref.node.outputShapes?.[ref.index]) : undefined;
    const node = make(session, scope, {
      name: pathOf(prefix, arg.name),
      op: 'Placeholder',
      attrs: { dtype: { kind: 'type', value: arg.dtype }, shape: { kind: 'shape', value: shape } },
      types: [arg.dtype],
      shapes: [shape],
    });
    args.push(node);
    return output(node);
  });
  const results = within(session, name, () => session.call(raw, values, prefix, scope)).filter((_, k) => !dropped[k]);
  const roots = [...args, ...results.map((ref) => ref.node), ...scope.effects];
  const made: TfFunction = {
    name: uniqueName(session, name),
    args,
    nodes: prune(scope.nodes, roots),
    results,
    effects: scope.effects,
  };
  session.library.set(made.name, made);
  return made;
}
