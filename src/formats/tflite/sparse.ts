import { ModelError } from '../../errors.js';
import { elementCount, type Shape } from '../../ir/tensor.js';
import type { DimensionMetadata, SparsityParameters } from '../../schema/tflite.gen.js';

const MOST_LEVELS = 16;
/** A damaged shape must not take all memory. */
const MOST_GROWTH = 1024;

interface Level {
  /** Axis of the tensor that it walks, and how far one step goes on it. */
  readonly axis: number;
  readonly step: number;
  /** Number of positions when all are there. */
  readonly size: number;
  /** Of a compressed level: where the children of each parent begin, and their coordinates. */
  readonly segments?: readonly number[];
  readonly indices?: readonly number[];
}

/**
 * All elements of a sparse constant as bytes: the stored ones in their places, zeros elsewhere. `size` is the bytes of
 * one element.
 * @throws {ModelError} `malformed-file` when the encoding does not fit the shape or the stored bytes.
 */
export function densify(
  stored: Uint8Array,
  size: number,
  shape: Shape,
  sparsity: SparsityParameters,
  where: string,
): Uint8Array {
  const fail = (text: string) => new ModelError('malformed-file', text, { where });
  const most = MOST_GROWTH * (stored.length + 1024);
  if (!(elementCount(shape) * size <= most)) throw fail(`up to ${most} bytes expected for [${shape}]`);
  const levels = levelsOf(shape, sparsity, fail);
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const dense = new Uint8Array(elementCount(shape) * size);
  const values = Math.floor(stored.length / size);
  const words = Math.ceil(size / 4);
  const from = wordsOf(new Uint8Array(stored.subarray(0, values * size)), size);
  const to = wordsOf(dense, size);

  const copy = (position: number, offset: number): void => {
    if (position >= values) throw fail(`sparse element ${position} expected, ${values} are stored`);
    for (let i = 0; i < words; i++) to[offset * words + i] = from[position * words + i] as number;
  };
  const walk = (depth: number, position: number, offset: number): void => {
    const level = levels[depth];
    if (!level) {
      copy(position, offset);
      return;
    }
    const isLast = depth === levels.length - 1;
    const stride = level.step * (strides[level.axis] as number);
    if (!level.segments || !level.indices) {
      for (let i = 0; i < level.size; i++)
        if (isLast) copy(position * level.size + i, offset + i * stride);
        else walk(depth + 1, position * level.size + i, offset + i * stride);
      return;
    }
    const [first, end] = [level.segments[position], level.segments[position + 1]];
    if (first === undefined || end === undefined) throw fail(`sparse segment ${position} expected, it is not there`);
    for (let j = first; j < end; j++) {
      const i = level.indices[j] as number;
      if (i < 0 || i >= level.size) throw fail(`a sparse index below ${level.size} expected, got ${i}`);
      if (isLast) copy(j, offset + i * stride);
      else walk(depth + 1, j, offset + i * stride);
    }
  };
  walk(0, 0, 0);
  return dense;
}

/** The elements of `size` bytes as integers, one or several 32-bit ones each. */
function wordsOf({ buffer, byteLength }: Uint8Array, size: number): Uint8Array | Uint16Array | Uint32Array {
  if (size === 1) return new Uint8Array(buffer);
  return size === 2 ? new Uint16Array(buffer, 0, byteLength / 2) : new Uint32Array(buffer, 0, byteLength / 4);
}

/** The levels in traversal order: those of the tensor's axes, counting blocks where blocked, and those within blocks. */
function levelsOf(shape: Shape, sparsity: SparsityParameters, fail: (text: string) => ModelError): Level[] {
  const { traversalOrder = [], blockMap = [], dimMetadata = [] } = sparsity;
  const rank = shape.length;
  const count = rank + blockMap.length;
  if (count > MOST_LEVELS) throw fail(`up to ${MOST_LEVELS} levels expected, got ${count}`);
  const order = [...traversalOrder].sort((a, b) => a - b);
  if (traversalOrder.length !== count || order.some((d, i) => d !== i) || dimMetadata.length !== count)
    throw fail(`a traversal of ${count} levels expected, got [${traversalOrder}] with ${dimMetadata.length} levels`);
  const blockSizes = new Map<number, number>();
  for (const [i, axis] of blockMap.entries()) {
    const size = dimMetadata[traversalOrder.indexOf(rank + i)]?.denseSize ?? 0;
    if (axis < 0 || axis >= rank || blockSizes.has(axis) || size < 1 || (shape[axis] as number) % size !== 0)
      throw fail(`a block that divides an axis of [${shape}] expected, got ${size} along ${axis}`);
    blockSizes.set(axis, size);
  }
  return traversalOrder.map((d, depth) => {
    const inBlock = d >= rank;
    const axis = inBlock ? (blockMap[d - rank] as number) : d;
    const block = blockSizes.get(axis) ?? 1;
    const size = inBlock ? block : (shape[axis] as number) / block;
    const facts = dimMetadata[depth] as DimensionMetadata;
    const level = { axis, step: inBlock ? 1 : block, size };
    if (facts.format === 'DENSE') {
      if (facts.denseSize !== size) throw fail(`level ${depth} of size ${size} expected, got ${facts.denseSize}`);
      return level;
    }
    const segments = facts.arraySegments?.value.values;
    const indices = facts.arrayIndices?.value.values;
    if (!segments || !indices) throw fail(`segments and indices expected at level ${depth}, got none`);
    // In order and without overlap, so that no stored element comes twice.
    const inOrder = segments.every((s, i) => s >= (i === 0 ? 0 : (segments[i - 1] as number)) && s <= indices.length);
    if (!inOrder) throw fail(`growing segments within ${indices.length} indices expected at level ${depth}`);
    return { ...level, segments: Array.from(segments), indices: Array.from(indices) };
  });
}
