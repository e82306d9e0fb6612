/** Google's kernels, the oracle of the tests: the same driver with which `benchmark --against litert` times them. */
export * from '../../src/node/peers/litert.js';
