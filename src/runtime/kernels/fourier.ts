import { fourierTables } from '../../ops/rfft-2d.js';
import { emitFourier, type FourierSpec, fourierScratch, fourierUnits } from '../emit/fourier.js';
import type { Kernel, KernelBuilder, KernelNode } from '../kernel.js';

function specOf({ inputs: [input, length] }: KernelNode): FourierSpec | undefined {
  if (input?.dtype !== 'f32' || !length?.constant || input.count === 0) return undefined;
  const [height, size = 0] = length.constant.data() as Int32Array;
  if (height !== 1 || input.shape.at(-2) !== 1 || size < 4 || (size & (size - 1)) !== 0) return undefined;
  const width = input.shape.at(-1)!;
  return { rows: input.count / width, width, size };
}

/** Numbers that a kernel reads, for all transforms of a size. */
function table(to: KernelBuilder, tables: object, key: string, data: Float64Array | Int32Array) {
  return to.sharedData(tables, key, data.byteLength, (view) =>
    view.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
}

const TABLES = {};

/** RFFT2D of rows whose transform has a power of two as its size. */
export const fourier: Kernel = {
  ops: ['RFFT2D'],

  accepts: (node) => (specOf(node) ? 'fourier_f32' : undefined),

  build(node, to) {
    const spec = specOf(node)!;
    const { order, turns, ends } = fourierTables(spec.size);
    const scratch = fourierScratch(spec);
    const func = to.func(`fourier ${JSON.stringify(spec)}`, (module) => emitFourier(module, spec));
    const parts = Object.entries({ order, turns, ends });
    const pointers = parts.map(([key, data]) => table(to, TABLES, `fourier ${key} ${spec.size}`, data));
    const room = [to.scratch(scratch.pairs), to.scratch(scratch.numbers)];
    to.call(func, [node.inputs[0]!.pointer, node.outputs[0]!.pointer, ...room, ...pointers], fourierUnits(spec));
  },
};
