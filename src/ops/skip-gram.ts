import { defineOp } from './define.js';

/**
 * Word groups of a text with up to `maxSkipSize` words left out between two; how many is known only at run time.
 *
 * Source: TFLite operator SKIP_GRAM.
 */
export const skipGram = defineOp({
  name: 'SKIP_GRAM',
  inputs: ['input'],
  outputs: ['output'],
  infer: () => [{ dtype: 'string', shape: [-1] }],
});
