export { lowerKeras } from './lower.js';
export { isKerasArchive, kerasOfParts, looksLikeKeras, openKeras, prepareKeras } from './open.js';
