import type { GraphNodeData } from '../report/graph-data.js';

/** What the colour of a node says: how its operator is computed on LiteRT. */
export type KernelClass = 'float' | 'integer' | 'hybrid' | 'slow' | 'none' | 'plain';

export function kernelClass({ litert }: GraphNodeData): KernelClass {
  switch (litert) {
    case null:
    case 'at load':
      return 'plain';
    case 'none':
      return 'none';
    case 'scalar fallback':
      return 'slow';
    case 'XNNPACK dynamic range (qd8)':
    case 'builtin hybrid':
      return 'hybrid';
    case 'XNNPACK int8 (qs8)':
    case 'builtin int8':
    case 'builtin int16':
      return 'integer';
    case 'XNNPACK float':
    case 'builtin float':
    case 'builtin':
      return 'float';
    default:
      return litert satisfies never;
  }
}

/** What the classes are called in a legend. */
export const kernelClassNames: Readonly<Record<KernelClass, string>> = {
  hybrid: 'hybrid kernel: int8 weights, float results',
  integer: 'integer kernel',
  float: 'float kernel',
  slow: 'scalar fallback in LiteRT',
  none: 'no kernel in LiteRT',
  plain: 'input, output',
};
