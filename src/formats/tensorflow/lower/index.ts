import { lowerings } from './table.js';

export { lowerTensorFlow } from './lower.js';

/** Names of the TensorFlow operations that become operators. */
export const loweredOperations = (): string[] => ['Const', 'Placeholder', ...lowerings.keys()].sort();
