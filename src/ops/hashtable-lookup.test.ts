import { hashtableLookup } from './hashtable-lookup.js';
import { f32, i32, strings, testOp, u8 } from './testing.js';

// Expected values: by hand.
testOp(hashtableLookup, {
  'rows of missing keys are zero': {
    inputs: {
      lookup: i32([3], [7, 30, 2]),
      key: i32([3], [2, 4, 7]),
      value: f32([3, 2], [1, 2, 3, 4, 5, 6]),
    },
    output: [f32([3, 2], [5, 6, 0, 0, 1, 2]), u8([3], [1, 0, 1])],
    version: 1,
  },
  'texts of missing keys are empty': {
    inputs: { lookup: i32([2], [1, 3]), key: i32([2], [1, 2]), value: strings([2], ['a', 'b']) },
    output: [strings([2], ['a', '']), u8([2], [1, 0])],
  },
});
