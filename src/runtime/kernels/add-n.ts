import { f32x4 } from '../../wasm/instructions.js';
import type { Stage } from '../emit/stages.js';
import type { Kernel, Operand } from '../kernel.js';
import { callStages } from './elementwise.js';

const plus = (value: Operand): Stage => ({
  key: 'ADD',
  apply: (_, x, y) => x.set(f32x4.add(x.get, y!)),
  operand: { mode: 'same', value },
});

/** ADD_N of floats: one loop that adds all tensors. */
export const addN: Kernel = {
  ops: ['ADD_N'],
  fuses: true,

  accepts({ inputs, outputs: [output] }) {
    const isSame = (x: Operand | undefined) => x?.dtype === 'f32' && String(x.shape) === String(output?.shape);
    return inputs.length > 0 && isSame(output) && inputs.every(isSame) ? 'add_n_f32' : undefined;
  },

  build({ inputs, outputs: [output], stages }, to) {
    const [first, ...others] = inputs as readonly Operand[];
    callStages(to, first!, output!, [...others.map(plus), ...stages]);
  },
};
