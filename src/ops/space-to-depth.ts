import type { Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { LITERT } from './litert.js';
import { invalid, requireRank } from './shapes.js';
import { versionByType } from './version.js';
import { permutedView, readView, wholeView } from './view.js';

/** Moves square cells of pixels into the channels: `[N, H, W, C]` becomes `[N, H / b, W / b, b * b * C]`. */
export const spaceToDepth = defineOp({
  name: 'SPACE_TO_DEPTH',
  litert: LITERT.everywhereButShorts,
  inputs: ['input'],
  outputs: ['output'],
  defaults: { blockSize: 2 },
  version: versionByType({ i8: 2 }),
  infer: ({ input }, { blockSize }) => [{ dtype: input.dtype, shape: deepShape(input.shape, blockSize) }],
  reference({ inputs: { input }, options: { blockSize: b } }) {
    const [n = 0, h = 0, w = 0, c = 0] = input.shape;
    const view = permutedView(wholeView([n, h / b, b, w / b, b, c]), [0, 1, 3, 2, 4, 5]);
    const shape = deepShape(input.shape, b) as Shape;
    return [{ dtype: input.dtype, shape, data: readView(input.dtype, input.data, view) }];
  },
});

/** Moves channels into square cells of pixels: `[N, H, W, C]` becomes `[N, H * b, W * b, C / (b * b)]`. */
export const depthToSpace = defineOp({
  name: 'DEPTH_TO_SPACE',
  litert: LITERT.everywhereButShorts,
  inputs: ['input'],
  outputs: ['output'],
  defaults: { blockSize: 2 },
  version: versionByType({ i8: 2 }),
  infer: ({ input }, { blockSize }) => [{ dtype: input.dtype, shape: flatShape(input.shape, blockSize) }],
  reference({ inputs: { input }, options: { blockSize: b } }) {
    const [n = 0, h = 0, w = 0, c = 0] = input.shape;
    const view = permutedView(wholeView([n, h, w, b, b, c / (b * b)]), [0, 1, 3, 2, 4, 5]);
    const shape = flatShape(input.shape, b) as Shape;
    return [{ dtype: input.dtype, shape, data: readView(input.dtype, input.data, view) }];
  },
});

function deepShape(input: Shape | undefined, b: number): Shape {
  requireBlock(b);
  const [n = -1, h = -1, w = -1, c = -1] = requireRank(input, 4, 'input') ?? [];
  return [n, divided(h, b, input), divided(w, b, input), c === -1 ? -1 : c * b * b];
}

function flatShape(input: Shape | undefined, b: number): Shape {
  requireBlock(b);
  const [n = -1, h = -1, w = -1, c = -1] = requireRank(input, 4, 'input') ?? [];
  return [n, h === -1 ? -1 : h * b, w === -1 ? -1 : w * b, divided(c, b * b, input)];
}

function requireBlock(b: number): void {
  if (b < 1) throw invalid(`the block size should be at least 1, got ${b}`);
}

function divided(size: number, by: number, shape: Shape | undefined): number {
  if (size === -1) return -1;
  if (size % by !== 0) throw invalid(`[${shape}] has a size ${size} that is no multiple of ${by}`);
  return size / by;
}
