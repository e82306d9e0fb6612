import { it } from 'vitest';
import { expectSame, perTensor } from './one-op.js';

it('x', async () => {
  for (let k = 0; k < 20; k++) {
    const t = performance.now();
    try {
      await expectSame({
        op: 'ADD',
        inputs: [
          { dtype: 'i8', shape: [4, 5], quantization: perTensor(0.1, 3) },
          { dtype: 'i8', shape: [4, 5], quantization: perTensor(0.2, 3) },
        ],
        outputs: [{ dtype: 'i8', shape: [4, 5], quantization: perTensor(0.3, 3) }],
        seed: `${k}`,
        options: { fusedActivationFunction: 'NONE', potScaleInt16: false },
      });
    } catch (e) {
      console.log((e as Error).message);
    }
    console.log(performance.now() - t);
  }
});
