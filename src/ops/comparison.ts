import type { Tensor } from '../ir/tensor.js';
import { defineOp, type Op, type VersionFacts } from './define.js';
import { computedElements } from './elements.js';
import { broadcastType, comparisonKernel, requireOperands } from './elementwise.js';
import { invalid } from './shapes.js';
import { versionByType } from './version.js';

type ComparisonName = 'EQUAL' | 'NOT_EQUAL' | 'LESS' | 'LESS_EQUAL' | 'GREATER' | 'GREATER_EQUAL';
type Holds = <T extends number | bigint | string>(a: T, b: T) => boolean;

/** A question of two operands of one type, with broadcasting; strings can only be equal or not. */
const comparison = (name: ComparisonName, holds: Holds, version: (facts: VersionFacts) => number): Op =>
  defineOp({
    name,
    inputs: ['a', 'b'],
    outputs: ['output'],
    version,
    infer({ a, b }) {
      if (a.dtype !== b.dtype) throw invalid(`operands should have one type, got ${a.dtype} and ${b.dtype}`);
      if (!name.endsWith('EQUAL') || a.dtype !== 'string') requireOperands([a, b]);
      return [broadcastType('bool', [a, b])];
    },
    elements: ({ a, b }) => computedElements([a, b], 'bool', (x, y) => (holds(x, y) ? 1 : 0)),
    reference: ({ inputs: { a, b } }) =>
      a.dtype === 'i16' && isOrder(name)
        ? [comparisonKernel(holds, asStored(a), asStored(b))]
        : [comparisonKernel(holds, a, b)],
  });

/** Which operand is greater: of 16-bit integers the kernels compare what is stored, whatever the scales. */
const isOrder = (name: ComparisonName): boolean => /LESS|GREATER/.test(name);

const asStored = ({ dtype, shape, data }: Tensor): Tensor => ({ dtype, shape, data });

export const comparisonOps: readonly Op[] = [
  comparison('EQUAL', (a, b) => a === b, versionByType({ i16: 5, string: 3, i8: 2 })),
  comparison('NOT_EQUAL', (a, b) => a !== b, versionByType({ i16: 4, string: 3, i8: 2 })),
  comparison('LESS', (a, b) => a < b, versionByType({ i16: 3, i8: 2 })),
  comparison('LESS_EQUAL', (a, b) => a <= b, versionByType({ i8: 2 })),
  comparison('GREATER', (a, b) => a > b, versionByType({ i8: 2 })),
  comparison('GREATER_EQUAL', (a, b) => a >= b, versionByType({ i16: 3, i8: 2 })),
];
