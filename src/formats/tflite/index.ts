export { decodeTflite, looksLikeTflite, type TfliteDocument, type TfliteTables } from './document.js';
export {
  graphExtra,
  modelExtra,
  nodeExtra,
  type QuantizationDetails,
  quantizationExtra,
  type TfliteGraphExtra,
  type TfliteModelExtra,
  type TfliteNodeExtra,
  type TfliteQuantizationExtra,
  type TfliteValueExtra,
  valueExtra,
} from './extras.js';
export { readTflite } from './read.js';
export { sparsityOf, storeAs } from './stored.js';
export { leastRuntime, nodeVersion } from './versions.js';
export { predictTfliteWeightBytes, writeTflite, writeTfliteParts } from './write.js';
