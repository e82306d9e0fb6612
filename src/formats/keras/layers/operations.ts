import { arrayFunctions } from './array-functions.js';
import type { Lower } from './context.js';
import { elementwise } from './elementwise.js';
import { functionsWithWeights } from './functions-with-weights.js';
import { imageFunctions } from './image-functions.js';
import { getItem } from './indexing.js';
import { joins } from './joins.js';
import { matrices } from './matrices.js';
import { numberFunctions } from './numbers.js';
import { rearrangements } from './rearrange.js';
import { reductions } from './reductions.js';
import { sortings } from './sorting.js';
import { spectralFunctions } from './spectra.js';
import { trigonometry } from './trigonometry.js';
import { updates } from './updates.js';

/** Functions of `keras.ops` that a functional model of Keras 3 records as layers, by their class. */
export const operations: Readonly<Record<string, Lower>> = {
  ...arrayFunctions,
  ...elementwise,
  ...functionsWithWeights,
  ...imageFunctions,
  ...joins,
  ...matrices,
  ...numberFunctions,
  ...rearrangements,
  ...reductions,
  ...sortings,
  ...spectralFunctions,
  ...trigonometry,
  ...updates,
  GetItem: getItem,
};
