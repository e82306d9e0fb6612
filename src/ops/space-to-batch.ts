import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp, type KnownValue, type VersionFacts } from './define.js';
import { vectorOf } from './elements.js';
import { invalid } from './shapes.js';
import { copyView, permutedView, readView, wholeView, windowView, zeroData } from './view.js';

/**
 * Pads the axes behind the batch with zeros and moves the cells of `block` along them into the batch, the cell's place
 * being the slowest: `[N, D…, C]` becomes `[N * blocks, (before + D + behind) / block…, C]`, with as many axes D as
 * `block` has entries.
 */
export const spaceToBatchNd = defineOp({
  name: 'SPACE_TO_BATCH_ND',
  inputs: ['input', 'block', 'paddings'],
  outputs: ['output'],
  version: blockVersion,
  infer: ({ input, block, paddings }) => [{ dtype: input.dtype, shape: batchedShape(input, block, paddings) }],
  reference({ inputs: { input, block, paddings } }) {
    const [blocks = [], amounts = []] = [block, paddings].map(numbersOf);
    const padded = paddedSpace(input, amounts);
    const m = blocks.length;
    const [n = 0] = padded.shape;
    const cells = blocks.map((b, i) => (padded.shape[i + 1] as number) / b);
    const rest = padded.shape.slice(m + 1);
    const split = [n, ...cells.flatMap((c, i) => [c, blocks[i] as number]), ...rest];
    const order = [
      ...blocks.map((_, i) => 2 * i + 2),
      0,
      ...blocks.map((_, i) => 2 * i + 1),
      ...rest.map((_, i) => 2 * m + 1 + i),
    ];
    const data = readView(input.dtype, padded.data, permutedView(wholeView(split), order));
    return [{ dtype: input.dtype, shape: [n * product(blocks), ...cells, ...rest], data }];
  },
});

/** Moves the batch back into the axes behind it, the reverse of SPACE_TO_BATCH_ND, and crops them. */
export const batchToSpaceNd = defineOp({
  name: 'BATCH_TO_SPACE_ND',
  inputs: ['input', 'block', 'crops'],
  outputs: ['output'],
  version: blockVersion,
  infer: ({ input, block, crops }) => [{ dtype: input.dtype, shape: spacedShape(input, block, crops) }],
  reference({ inputs: { input, block, crops } }) {
    const [blocks = [], amounts = []] = [block, crops].map(numbersOf);
    const m = blocks.length;
    const batch = (input.shape[0] as number) / product(blocks);
    const cells = input.shape.slice(1, m + 1);
    const rest = input.shape.slice(m + 1);
    const order = [m, ...blocks.flatMap((_, i) => [m + 1 + i, i]), ...rest.map((_, i) => 2 * m + 1 + i)];
    const spaced = readView(
      input.dtype,
      input.data,
      permutedView(wholeView([...blocks, batch, ...cells, ...rest]), order),
    );
    const whole = [batch, ...cells.map((c, i) => c * (blocks[i] as number)), ...rest];
    const isSpace = (i: number) => i >= 1 && i <= m;
    const begin = whole.map((_, i) => (isSpace(i) ? (amounts[2 * i - 2] as number) : 0));
    const shape = whole.map((d, i) => (isSpace(i) ? d - (begin[i] as number) - (amounts[2 * i - 1] as number) : d));
    return [
      { dtype: input.dtype, shape, data: readView(input.dtype, spaced, windowView(wholeView(whole), begin, shape)) },
    ];
  },
});

const numbersOf = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);
const product = (sizes: readonly number[]): number => sizes.reduce((n, s) => n * s, 1);

function paddedSpace(input: Tensor, amounts: readonly number[]): Tensor {
  const { dtype, shape, data } = input;
  const before = shape.map((_, i) => amounts[2 * i - 2] ?? 0);
  const to = shape.map((d, i) => d + (before[i] as number) + (amounts[2 * i - 1] ?? 0));
  const out = zeroData(input, elementCount(to));
  copyView(dtype, data, wholeView(shape), out, windowView(wholeView(to), before, shape));
  return { dtype, shape: to, data: out };
}

/** The sizes of the blocks, -1 where unknown. */
function blockSizes(shape: Shape, block: KnownValue): number[] | undefined {
  const blocks = vectorOf(block)?.map((b) => b ?? -1);
  if (!blocks) return undefined;
  if (blocks.length >= shape.length) throw invalid(`${blocks.length} block sizes do not fit [${shape}]`);
  if (blocks.some((b) => b === 0 || b < -1)) throw invalid(`block sizes should be positive, got [${blocks}]`);
  return blocks;
}

function batchedShape({ shape }: KnownValue, block: KnownValue, paddings: KnownValue): Shape | undefined {
  if (!shape) return undefined;
  const blocks = blockSizes(shape, block);
  if (!blocks) return shape.map((d, i) => (i === shape.length - 1 && shape.length === 4 ? d : -1));
  return shape.map((d, i) => {
    if (i === 0) return d === -1 || blocks.includes(-1) ? -1 : d * product(blocks);
    const b = blocks[i - 1];
    if (b === undefined) return d;
    const [before, behind] = [paddings.elements?.[2 * i - 2], paddings.elements?.[2 * i - 1]];
    if (d === -1 || b === -1 || before === undefined || behind === undefined) return -1;
    if ((d + before + behind) % b !== 0)
      throw invalid(`axis ${i} of [${shape}] with padding is no multiple of the block size ${b}`);
    return (d + before + behind) / b;
  });
}

function spacedShape({ shape }: KnownValue, block: KnownValue, crops: KnownValue): Shape | undefined {
  if (!shape) return undefined;
  const blocks = blockSizes(shape, block);
  if (!blocks) return shape.map((d, i) => (i === shape.length - 1 && shape.length === 4 ? d : -1));
  return shape.map((d, i) => {
    if (i === 0) {
      if (d === -1 || blocks.includes(-1)) return -1;
      if (d % product(blocks) !== 0) throw invalid(`a batch of ${d} does not divide into ${product(blocks)} blocks`);
      return d / product(blocks);
    }
    const b = blocks[i - 1];
    if (b === undefined) return d;
    const [before, behind] = [crops.elements?.[2 * i - 2], crops.elements?.[2 * i - 1]];
    if (d === -1 || b === -1 || before === undefined || behind === undefined) return -1;
    if (d * b < before + behind) throw invalid(`crops ${before} and ${behind} exceed axis ${i} of size ${d * b}`);
    return d * b - before - behind;
  });
}

function blockVersion({ inputs: [x] }: VersionFacts): number {
  if (x?.dtype === 'i16') return 4;
  if (x?.shape && x.shape.length !== 4) return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}
