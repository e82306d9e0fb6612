export { lowerKeras } from './lower.js';
export { kerasOfParts, looksLikeKeras, openKeras, prepareKeras } from './open.js';
