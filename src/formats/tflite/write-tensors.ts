import { assert, ModelError } from '../../errors.js';
import type { Quantization, Value } from '../../ir/graph.js';
import type { Shape } from '../../ir/tensor.js';
import type { QuantizationParameters, Tensor } from '../../schema/tflite.gen.js';
import { unknownOf } from './document.js';
import { tensorTypes } from './dtypes.js';
import { type QuantizationDetails, quantizationExtra, valueExtra } from './extras.js';
import type { BufferPlan } from './plan-buffers.js';
import { sparsityOf } from './stored.js';

/** The index of a value among the tensors of its graph; -1 when undefined or absent. */
export type TensorIndex = (value: Value | undefined) => number;

/** The tensor table of a value. `saysRank`: the file says whether ranks are known. */
export function tensorTable(
  value: Value,
  name: string,
  plan: BufferPlan,
  indexOf: TensorIndex,
  saysRank: boolean,
): Tensor {
  const extra = valueExtra(value);
  const { constant } = value;
  const buffer = constant ? plan.of.get(constant) : 0;
  assert(buffer !== undefined, `constant '${value.name}' has no buffer`);
  const sparsity = sparsityOf(constant);
  const quantization = quantizationTable(value, indexOf);
  const ranked = value.shape !== undefined;
  return {
    ...unknownOf(extra),
    ...shapes(value),
    type: tensorTypes[value.dtype],
    buffer,
    ...(name ? { name } : {}),
    ...(quantization ? { quantization } : {}),
    isVariable: value.isVariable,
    ...(sparsity ? { sparsity } : {}),
    hasRank: saysRank && ranked !== (extra.rankUnsaid ?? false),
    variantTensors: extra.variantTensors,
    externalBuffer: constant ? 0 : (extra.externalBuffer ?? 0),
  };
}

/** Sizes, with 1 where unknown, and the signature that tells which are unknown. */
function shapes(value: Value): { shape?: Shape; shapeSignature?: Shape } {
  const { shape, constant } = value;
  const { fixedShape, signature } = valueExtra(value);
  if (!shape) return {};
  for (const d of constant?.shape ?? shape)
    if (!Number.isInteger(d) || d < -1 || d >= 2 ** 31)
      throw new ModelError('invalid-graph', `sizes of 32 bits expected, got [${shape}]`, {
        where: `value '${value.name}'`,
      });
  if (constant)
    return {
      shape: constant.shape,
      ...(signature?.length === constant.shape.length ? { shapeSignature: signature } : {}),
    };
  const fixed = shape.map((d) => (d < 0 ? 1 : d));
  const asRead = fixedShape && (fixedShape.length === 0 || fits(fixedShape, shape));
  if (asRead) return { shape: fixedShape, shapeSignature: shape };
  return shape.includes(-1) ? { shape: fixed, shapeSignature: shape } : { shape: fixed };
}

const fits = (fixed: Shape, shape: Shape): boolean =>
  fixed.length === shape.length && shape.every((d, i) => d < 0 || d === fixed[i]);

function quantizationTable(value: Value, indexOf: TensorIndex): QuantizationParameters | undefined {
  const { quantization } = value;
  if (!quantization) {
    const { range } = valueExtra(value);
    return range && { min: range.min, max: range.max, quantizedDimension: range.axis };
  }
  const { scale, axis } = quantization;
  const { min, max, details } = quantizationExtra(quantization);
  checkQuantization(value, quantization);
  return {
    ...unknownOf(quantizationExtra(quantization)),
    min,
    max,
    ...(scale.length > 0 ? scalesAndZeros(quantization) : {}),
    quantizedDimension: axis,
    ...(details ? { details: detailsTable(details, indexOf) } : {}),
  };
}

/** As typed arrays, which the writer takes as they are: there may be thousands of channels. */
function scalesAndZeros({ scale, zeroPoint }: Quantization): Pick<QuantizationParameters, 'scale' | 'zeroPoint'> {
  const zeros = new BigInt64Array(zeroPoint.length);
  for (let i = 0; i < zeros.length; i++) if (zeroPoint[i] !== 0) zeros[i] = BigInt(zeroPoint[i] as number);
  return { scale: scale as unknown as readonly number[], zeroPoint: zeros as unknown as readonly bigint[] };
}

function checkQuantization(value: Value, { scale, zeroPoint, axis }: Quantization): void {
  const size = value.shape?.[axis];
  const counts = scale.length === zeroPoint.length;
  if (counts && (scale.length <= 1 || size === undefined || size < 0 || scale.length === size)) return;
  throw new ModelError(
    'invalid-graph',
    `one scale, or one for each of ${size} slices along axis ${axis} expected, got ${scale.length} with ${zeroPoint.length} zero points`,
    { where: `value '${value.name}'` },
  );
}

function detailsTable(
  details: QuantizationDetails,
  indexOf: TensorIndex,
): NonNullable<QuantizationParameters['details']> {
  if (details.type === 'CustomQuantization') return details;
  const common = {
    scales: indexOf(details.scales),
    zeroPoints: indexOf(details.zeroPoints),
    blockSize: details.blockSize,
  };
  return details.type === 'BlockwiseQuantization'
    ? { type: details.type, value: common }
    : { type: details.type, value: { ...common, quantizedDimensions: details.quantizedDimensions } };
}

/** Names as they are to be written: those from a file as they were, new ones made unique by a suffix. */
export function tensorNames(values: readonly Value[], fromFile: ReadonlySet<Value>): string[] {
  const taken = new Set(values.filter((v) => fromFile.has(v)).map((v) => v.name));
  const last = new Map<string, number>();
  return values.map((value) => {
    if (fromFile.has(value)) return value.name;
    const base = value.name || 'tensor';
    let name = base;
    let i = last.get(base) ?? 0;
    while (taken.has(name)) name = `${base}_${++i}`;
    last.set(base, i);
    taken.add(name);
    return name;
  });
}
