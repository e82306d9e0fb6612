import type { Model, Value } from '../../ir/graph.js';
import type { Kernel } from '../kernel.js';
import { commonKernels } from './common-kernels.js';
import { KernelTable } from './kernel-table.js';

const isByte = ({ dtype }: Value): boolean => dtype === 'i8' || dtype === 'u8';

const hasBytes = ({ graphs }: Model): boolean =>
  graphs.some((g) => g.inputs.some(isByte) || [...g.nodes()].some((n) => n.outputs.some(isByte)));

const hasOperator =
  (names: RegExp) =>
  ({ graphs }: Model): boolean =>
    graphs.some((g) => [...g.nodes()].some((n) => names.test(n.op)));

/** Products of two computed matrices come as this operator too. */
const hasComputedFilter = ({ graphs }: Model): boolean =>
  graphs.some((g) => [...g.nodes()].some((n) => n.op === 'FULLY_CONNECTED' && !n.inputs[1]?.constant));

/** Operators of the further kernels, or how their names begin. */
const FURTHER = new RegExp(
  'LSTM|RNN|SVDF|^(BATCH_MATMUL|CONV_3D|TRANSPOSE_CONV|GATHER|EMBEDDING_LOOKUP|ONE_HOT|DYNAMIC_UPDATE_SLICE|ADD_N|CUMSUM|' +
    'LOCAL_RESPONSE|RFFT|REAL|IMAG|COMPLEX_ABS)',
);

/** Kernels that few models need: in a page they are a request of their own. */
const onDemand: readonly { needs(model: Model): boolean; load(): Promise<readonly Kernel[]> }[] = [
  { needs: hasBytes, load: async () => (await import('./byte-kernels.js')).byteKernels },
  {
    needs: (model) => hasOperator(FURTHER)(model) || hasComputedFilter(model),
    load: async () => (await import('./further-kernels.js')).furtherKernels,
  },
  {
    needs: hasOperator(/^CUSTOM$/),
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
