import { arrayFunctions } from './array-functions.js';
import type { Lower } from './context.js';
import { elementwise } from './elementwise.js';
import { imageFunctions } from './image-functions.js';
import { getItem } from './indexing.js';
import { rearrangements } from './rearrange.js';
import { reductions } from './reductions.js';

/** Functions of `keras.ops` that a functional model of Keras 3 records as layers, by their class. */
export const operations: Readonly<Record<string, Lower>> = {
  ...arrayFunctions,
  ...elementwise,
  ...rearrangements,
  ...reductions,
  ExtractPatches: imageFunctions.ExtractPatches as Lower,
  GetItem: getItem,
  RGBToGrayscale: imageFunctions.RGBToGrayscale as Lower,
};
