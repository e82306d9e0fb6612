export { type LowerKerasOptions, lowerKeras } from './lower.js';
export { looksLikeKeras, openKeras, prepareKeras } from './open.js';
