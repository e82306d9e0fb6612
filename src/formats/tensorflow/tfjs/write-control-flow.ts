import { ModelError } from '../../../errors.js';
import { knownElements } from '../../../ops/build.js';
import type { Ref, Write, Writing } from './graph-writer.js';

const typesOf = ({ node }: Writing) => node.outputs.map(({ dtype, shape }) => ({ dtype, shape }));

const whileLoop: Write = (w) => {
  const { writer, node, options, inputs } = w;
  const body = writer.model.functionOf(options.bodySubgraphIndex as number);
  const cond = writer.model.functionOf(options.condSubgraphIndex as number);
  return writer.addAll(node.output.name, 'StatelessWhile', inputs, typesOf(w), { body, cond });
};

const branches: Write = (w) => {
  const { writer, node, options, inputs } = w;
  const then = writer.model.functionOf(options.thenSubgraphIndex as number);
  const otherwise = writer.model.functionOf(options.elseSubgraphIndex as number);
  const attrs = { then_branch: then, else_branch: otherwise };
  return writer.addAll(node.output.name, 'StatelessIf', inputs, typesOf(w), attrs);
};

/** A list whose rows from a place on are others: the start is `[row, 0, ..]`, and the update has the sizes of whole rows. */
const updateRows: Write = (w) => {
  const { writer, node, inputs } = w;
  const [operand, update, start] = inputs as [Ref, Ref, Ref];
  const { name, dtype, shape } = node.output;
  const rows = node.inputs[1]?.shape;
  const places = node.inputs[2] && knownElements(node.inputs[2]);
  const isWhole = shape?.every((size, axis) => axis === 0 || (size === rows?.[axis] && places?.[axis] === 0));
  const count = rows?.[0] ?? -1;
  if (!isWhole || count < 0) throw new ModelError('unsupported', 'replaces a part of the rows of a list.');
  const type = { dtype: 'i32', shape: [1] } as const;
  const bound = (end: number): Ref => writer.make(`${name}/bound`, 'i32', [end]);
  const first = writer.add(`${name}/row`, 'Slice', [start, bound(0), bound(1)], type);
  const numbers = writer.make(`${name}/rows`, 'i32', [...Array(count).keys()]);
  const all = writer.add(`${name}/all`, 'AddV2', [first, numbers], { dtype: 'i32', shape: [count] });
  const column = { dtype: 'i32', shape: [count, 1] } as const;
  const indices = writer.add(`${name}/indices`, 'ExpandDims', [all, writer.make(`${name}/axis`, 'i32', 1)], column);
  return [writer.add(name, 'TensorScatterUpdate', [operand, indices, update], { dtype, shape })];
};

/** Loops and branches, and what writes the lists of loops. */
export const controlFlow: Readonly<Record<string, Write>> = {
  DYNAMIC_UPDATE_SLICE: updateRows,
  IF: branches,
  WHILE: whileLoop,
};
