import type { ByteSource } from '../../bytes/source.js';
import type { Model } from '../../ir/graph.js';
import { readTables } from './read.js';
import { versionRules } from './versions.js';

export { type ByteAccount, byteAccount } from './byte-account.js';
export { decodeTflite, looksLikeTflite } from './document.js';
export { modelExtra, nodeExtra, quantizationExtra, valueExtra } from './extras.js';
export { sparsityOf } from './stored.js';
export { nodeVersion } from './versions.js';
export { predictTfliteWeightBytes, writeTflite, writeTfliteParts } from './write.js';

/**
 * Reads a `.tflite`; writing it again loses nothing.
 * @throws {ModelError} `malformed-file` with the byte offset.
 */
export const readTflite = (source: ByteSource): Model => readTables(source, versionRules);
