import { emitQuantizeRows, quantizedRowBytes } from '../emit/quantize-rows.js';
import type { Kernel, KernelNode } from '../kernel.js';
import { biasVector, columnScales, multiply, packedFloats, packedPairs, tileFor } from './matrix.js';
import { isHybridWorthwhile, weightsKind } from './weights.js';

const shapeOf = (node: KernelNode) => {
  const [n = 0, k = 0] = node.inputs[1]?.shape ?? [];
  return { n, k, m: k > 0 ? (node.inputs[0]?.count ?? 0) / k : 0 };
};

/** FULLY_CONNECTED with constant weights: floats, or 8-bit weights with rows quantized on the fly. */
export const fullyConnected: Kernel = {
  ops: ['FULLY_CONNECTED'],
  fuses: true,

  accepts(node) {
    const [input, filter, bias] = node.inputs;
    const { m, n, k } = shapeOf(node);
    if (!input || !filter?.constant || input.dtype !== 'f32' || node.outputs[0]?.dtype !== 'f32') return undefined;
    if (m < 1 || n < 1 || k < 1 || node.options.weightsFormat === 'SHUFFLED4x16INT8') return undefined;
    if (bias && bias.count !== n) return undefined;
    const kind = weightsKind(filter, 0, n);
    if (!kind) return undefined;
    const { mr, nr } = tileFor(m);
    return `gemm_${kind === 'i8' && isHybridWorthwhile(m, n, k) ? 'hybrid' : 'f32'}_${mr}x${nr}`;
  },

  build(node, to) {
    const [input, filter, bias] = node.inputs;
    const { m, n, k } = shapeOf(node);
    const tile = tileFor(m);
    const layout = { k, n, step: 1, columnStep: k };
    const { constant, quantization } = filter!;
    const c = node.outputs[0]!.pointer;
    const whole = { firstRow: 0, firstColumn: 0, rowBytes: n * 4 };
    const result = { c, ...whole, bias: biasVector(to, bias, n), stages: node.stages };
    if (weightsKind(filter!, 0, n) === 'i8' && isHybridWorthwhile(m, n, k)) {
      const bytes = quantizedRowBytes(k);
      const q = to.scratch(m * bytes);
      const rowScales = to.scratch(m * 4);
      const quantize = to.func(`quantize rows ${k}`, (module) => emitQuantizeRows(module, k));
      to.call(quantize, [input!.pointer, q, rowScales], m, 1);
      const packed = packedPairs(to, constant!, layout, tile.nr);
      const rows = { count: m, a: q, table: 0 as const, bytes, run: Math.ceil(k / 2), loops: [], footprint: bytes };
      const scales = { kind: 'each' as const, rows: rowScales, columns: columnScales(to, quantization!, n) };
      multiply(to, rows, packed, { ...result, scales }, tile);
    } else {
      const packed = packedFloats(to, constant!, quantization, layout, tile.nr);
      const rows = {
        count: m,
        a: input!.pointer,
        table: 0 as const,
        bytes: k * 4,
        run: k,
        loops: [],
        footprint: k * 4,
      };
      multiply(to, rows, packed, result, tile);
    }
  },
};
