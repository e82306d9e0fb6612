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

/**
 * A list whose rows from a place on are others: the start is `[row, 0, ..]`, and the update has the sizes of whole rows. It
 * is put together of parts, for the scattering of TensorFlow.js writes into its operand, which others may read.
 */
const updateRows: Write = (w) => {
  const { writer, node, inputs } = w;
  const [operand, update, start] = inputs as [Ref, Ref, Ref];
  const { name, dtype, shape } = node.output;
  const rows = node.inputs[1]?.shape;
  const places = node.inputs[2] && knownElements(node.inputs[2]);
  const isWhole = shape?.every((size, axis) => axis === 0 || (size === rows?.[axis] && places?.[axis] === 0));
  const count = rows?.[0] ?? -1;
  if (!isWhole || count < 0) throw new ModelError('unsupported', 'replaces a part of the rows of a list.');
  const others = shape?.length ? shape.length - 1 : 0;
  const vector = (length: number) => ({ dtype: 'i32', shape: [length] }) as const;
  const numbers = (what: string, list: readonly number[]): Ref => writer.make(`${name}/${what}`, 'i32', list);
  const zeros = numbers('zeros', new Array<number>(others).fill(0));
  const whole = numbers('whole', new Array<number>(others).fill(-1));
  const axis = writer.make(`${name}/axis`, 'i32', 0);
  const first = writer.add(`${name}/row`, 'Slice', [start, numbers('bound', [0]), numbers('bound', [1])], vector(1));
  const next = writer.add(`${name}/next`, 'AddV2', [first, numbers('count', [count])], vector(1));
  const at = (what: string, row: Ref, rest: Ref): Ref =>
    others === 0 ? row : writer.add(`${name}/${what}`, 'ConcatV2', [row, rest, axis], vector(others + 1));
  const part = (what: string, begin: Ref, size: Ref): Ref =>
    writer.add(`${name}/${what}`, 'Slice', [operand, begin, size], { dtype, shape: shape && [-1, ...shape.slice(1)] });
  const before = part('before', numbers('begin', new Array<number>(others + 1).fill(0)), at('size', first, whole));
  const behind = part('behind', at('end', next, zeros), numbers('rest', new Array<number>(others + 1).fill(-1)));
  return [writer.add(name, 'ConcatV2', [before, update, behind, axis], { dtype, shape })];
};

/** Loops and branches, and what writes the lists of loops. */
export const controlFlow: Readonly<Record<string, Write>> = {
  DYNAMIC_UPDATE_SLICE: updateRows,
  IF: branches,
  WHILE: whileLoop,
};
