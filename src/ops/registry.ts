import type { Op } from './define.js';
import { allOps } from './index.gen.js';

const byName: ReadonlyMap<string, Op> = new Map(allOps.map((op) => [op.name, op]));

/** The operator of that builtin name, or undefined (custom operators, and codes without a meaning here). */
export const findOp = (name: string): Op | undefined => byName.get(name);

export { allOps };
