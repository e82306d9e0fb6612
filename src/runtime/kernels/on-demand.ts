import type { Model, Value } from '../../ir/graph.js';
import type { Kernel } from '../kernel.js';
import { commonKernels } from './common-kernels.js';
import { KernelTable } from './kernel-table.js';

const RECURRENT = /LSTM|RNN|SVDF/;
const isByte = ({ dtype }: Value): boolean => dtype === 'i8' || dtype === 'u8';

/** Kernels that few models need: in a page they are a request of their own. */
const onDemand: readonly { needs(model: Model): boolean; load(): Promise<readonly Kernel[]> }[] = [
  {
    needs: ({ graphs }) =>
      graphs.some((g) => g.inputs.some(isByte) || [...g.nodes()].some((n) => n.outputs.some(isByte))),
    load: async () => (await import('./byte-kernels.js')).byteKernels,
  },
  {
    needs: ({ graphs }) => graphs.some((g) => [...g.nodes()].some((n) => RECURRENT.test(n.op))),
    load: async () => (await import('./recurrent-kernels.js')).recurrentKernels,
  },
  {
    needs: ({ graphs }) => graphs.some((g) => [...g.nodes()].some((n) => n.op === 'CUSTOM')),
    load: async () => {
      await import('./custom-kernels.js');
      return [];
    },
  },
];

/** The kernels that a model may need. */
export async function kernelsFor(model: Model): Promise<KernelTable> {
  const needed = onDemand.filter(({ needs }) => needs(model));
  return new KernelTable([...commonKernels, ...(await Promise.all(needed.map(({ load }) => load()))).flat()]);
}
