import { fakeQuant } from './fake-quant.js';
import { f32, testOp } from './testing.js';

const input = f32([8], [-10, -1, -0.4, 0, 0.3, 1, 2, 10]);

// Expected values: tf.quantization.fake_quant_with_min_max_args of TensorFlow 2.21.
testOp(fakeQuant, {
  'the range moves so that zero stays zero': {
    inputs: { input },
    options: { min: -1.3, max: 2.1, numBits: 4 },
    output: f32([8], [-1.36, -0.9066666, -0.4533333, 0, 0.2266667, 0.9066666, 2.04, 2.04]),
    version: 1,
  },
  'a narrow range leaves the lowest integer out': {
    inputs: { input },
    options: { min: -1.3, max: 2.1, numBits: 4, narrowRange: true },
    output: f32([8], [-1.214286, -0.9714285, -0.4857143, 0, 0.2428571, 0.9714285, 1.942857, 2.185714]),
    version: 2,
  },
});
