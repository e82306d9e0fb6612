export { decodeTflite, looksLikeTflite } from './document.js';
export { modelExtra, nodeExtra, quantizationExtra, valueExtra } from './extras.js';
export { readTflite } from './read.js';
export { sparsityOf } from './stored.js';
export { nodeVersion } from './versions.js';
export { predictTfliteWeightBytes, writeTflite, writeTfliteParts } from './write.js';
