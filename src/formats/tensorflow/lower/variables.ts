import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import { Graph, Value, type ValueType } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { singleConstant, singleType } from './single-precision.js';

/** The element types of variables that LiteRT keeps. */
const KEPT = /^(f32|f64|bool|[iu]8|[iu]32|i64|c64|c128)$/;

/** The handle of a variable that the model writes; its first value is noted, for {@link fillVariables}. */
const handle: Lower = (c) => {
  const { node } = c;
  const name = c.attrs.string('shared_name', '') || node.name;
  const dtype = c.type('dtype');
  if (!KEPT.test(dtype))
    throw new ModelError('unsupported', `is a variable of ${dtype} that the model writes, which no operator keeps.`);
  c.functions.addVariable(name, node.value && singleConstant(node.value));
  return c.append('VAR_HANDLE', [], [HANDLE], { options: handleOptions(name) });
};

const HANDLE: ValueType = { dtype: 'resource', shape: [] };
const handleOptions = (name: string) => ({ container: '', sharedName: name });

/** What the variable holds now. Its type is that of the variable, which only its handle knows. */
function read(c: Lowering): Value {
  const source = c.node.inputs[0]?.node;
  if (source?.op !== 'VarHandleOp') throw new ModelError('unsupported', 'reads a variable whose handle is computed.');
  const type = { dtype: singleType(source.attrs.type('dtype')), shape: source.attrs.shape('shape') };
  return c.append('READ_VARIABLE', [c.input(0)], [type])[0] as Value;
}

/** Writes what becomes of the value so far and the operand. */
const write =
  (make: (c: Lowering, operand: Value) => Value): Lower =>
  (c) =>
    c.append('ASSIGN_VARIABLE', [c.input(0), make(c, c.input(1))], []);

/** Variables that the model reads and writes while it runs. */
export const variables: Readonly<Record<string, Lower>> = {
  AssignAddVariableOp: write((c, operand) => c.emit('ADD', [read(c), operand])),
  AssignSubVariableOp: write((c, operand) => c.emit('SUB', [read(c), operand])),
  AssignVariableOp: write((_, operand) => operand),
  ReadVariableOp: (c) => [read(c)],
  VarHandleOp: handle,
};

/** A graph that gives the variables their first values, by their names. */
export function fillVariables(values: ReadonlyMap<string, Constant>): Graph {
  const graph = new Graph('fill_variables');
  for (const [name, constant] of values) {
    const made = new Value(`${name}/handle`, HANDLE.dtype, HANDLE.shape);
    graph.append({ op: 'VAR_HANDLE', name, inputs: [], outputs: [made], options: handleOptions(name) });
    const inputs = [made, Value.constant(name, constant)];
    graph.append({ op: 'ASSIGN_VARIABLE', name: `${name}/assign`, inputs, outputs: [] });
  }
  return graph;
}
