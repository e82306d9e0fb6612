import type { Node } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';

type Shapes = readonly (Shape | undefined)[];

/**
 * The shapes that the variables of a loop have in all its rounds: what the body changes, as a list that grows does, is
 * unknown, and so is what depends on it. `next` tells the shapes that the body gives for those that it is given; what it
 * cannot tell of the first ones counts as kept.
 */
export function loopShapes(begin: Shapes, next: (shapes: Shapes) => Shapes): Shapes {
  const first = next(begin);
  let shapes = begin.map((shape, i) => join(shape, first[i], first[i]));
  for (;;) {
    const given = next(shapes);
    const joined = shapes.map((shape, i) => join(shape, given[i], first[i]));
    if (joined.every((shape, i) => String(shape) === String(shapes[i]))) return shapes;
    shapes = joined;
  }
}

function join(before: Shape | undefined, after: Shape | undefined, first: Shape | undefined): Shape | undefined {
  if (!before || !after || !first) return before;
  if (before.length !== after.length) return undefined;
  return before.map((d, i) => (d === after[i] || (first[i] as number) < 0 ? d : -1));
}

/** Whether the file says that the node gives other sizes than it takes, or leaves sizes open. */
export const mayGrow = ({ op, outputs }: Node): boolean =>
  op === 'WHILE' && outputs.some(({ shape }) => !shape || shape.some((d) => d < 0));

/** Whether the file says that a size of a loop variable, which it knows in front of the loop, is unknown behind it. */
export function isOpened({ inputs, outputs }: Node, variable: number, axis: number): boolean {
  const [before, after] = [inputs[variable]?.shape?.[axis], outputs[variable]?.shape?.[axis]];
  return before !== undefined && before >= 0 && after !== undefined && after < 0;
}
