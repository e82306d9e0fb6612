import { localResponseNormalization } from './local-response-normalization.js';
import { f32, mixed, testOp } from './testing.js';

// Expected values: tf.raw_ops.LRN of TensorFlow 2.21.
testOp(localResponseNormalization, {
  'the sum goes over the neighbours within the radius': {
    inputs: { input: f32([1, 1, 2, 5], mixed(10)) },
    options: { radius: 1, bias: 1.5, alpha: 0.5, beta: 0.75 },
    output: f32(
      [1, 1, 2, 5],
      [-0.625, 0.228863, -0.228863, 0.6107408, 0.134578, -0.4145006, 0.5526675, 0, -0.5526675, 0.4145006],
    ),
    version: 1,
  },
});
