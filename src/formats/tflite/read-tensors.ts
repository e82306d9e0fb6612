import { type Quantization, Value } from '../../ir/graph.js';
import { bitsOf, elementCount, type Shape } from '../../ir/tensor.js';
import type { QuantizationParameters, SubGraph, Tensor } from '../../schema/tflite.gen.js';
import { malformed, type TfliteDocument, unknownOf } from './document.js';
import { dtypeOf } from './dtypes.js';
import type { QuantizationDetails, TfliteQuantizationExtra, TfliteValueExtra } from './extras.js';
import { bufferRange, readConstant } from './read-constants.js';

/**
 * The tensors of a graph as values, constants included. Adds the buffers they use to `used`. `saysRank`: the file says of
 * some tensor that its rank is known.
 */
export function readTensors(document: TfliteDocument, graph: SubGraph, used: Set<number>, saysRank: boolean): Value[] {
  const tensors = graph.tensors ?? [];
  const computed = new Set([...(graph.inputs ?? []), ...(graph.operators ?? []).flatMap((op) => op.outputs ?? [])]);
  const values = tensors.map((tensor, i) => {
    used.add(tensor.buffer);
    return readTensor(document, tensor, computed.has(i), saysRank);
  });
  for (const [i, tensor] of tensors.entries()) readQuantization(document, tensor, values[i] as Value, values);
  return values;
}

function readTensor(document: TfliteDocument, tensor: Tensor, computed: boolean, saysRank: boolean): Value {
  const dtype = dtypeOf[tensor.type];
  const name = tensor.name ?? '';
  if (!dtype)
    throw malformed(document, tensor, `a known element type expected for tensor '${name}', got ${tensor.type}`);
  const buffers = document.tables.buffers ?? [];
  const buffer = buffers[tensor.buffer];
  if (!buffer && tensor.buffer !== 0)
    throw malformed(
      document,
      tensor,
      `a buffer below ${buffers.length} expected for tensor '${name}', got ${tensor.buffer}`,
    );
  const range = buffer && bufferRange(document.source, buffer);
  const shape = tensor.shape ?? [];
  const signature = tensor.shapeSignature?.length ? tensor.shapeSignature : undefined;
  checkShape(document, tensor, shape, signature);
  const unranked = !tensor.hasRank && shape.length === 0 && !signature && saysRank && !range;
  const value = new Value(name, dtype, unranked ? undefined : (signature ?? shape));
  value.isVariable = tensor.isVariable;
  const isConstant =
    range !== undefined || (!computed && !tensor.isVariable && bitsOf(dtype) > 0 && elementCount(shape) === 0);
  if (isConstant) {
    if (tensor.isVariable || (range && tensor.externalBuffer !== 0))
      throw malformed(document, tensor, `variable or external tensor '${name}' expected without a buffer, got one`);
    value.shape = shape;
    const elements = range ?? { offset: 0, length: 0 };
    value.constant = readConstant(document, tensor, dtype, shape, elements);
  }
  const extra: TfliteValueExtra = {
    ...unknownOf(tensor),
    ...(saysRank && tensor.hasRank !== (value.shape !== undefined) ? { rankUnsaid: true } : {}),
    ...shapeExtra(shape, signature, isConstant),
    ...(tensor.variantTensors ? { variantTensors: tensor.variantTensors } : {}),
    ...(tensor.externalBuffer ? { externalBuffer: tensor.externalBuffer } : {}),
  };
  if (Reflect.ownKeys(extra).length > 0) value.extra = extra;
  return value;
}

function checkShape(document: TfliteDocument, tensor: Tensor, shape: Shape, signature: Shape | undefined): void {
  if (shape.some((d) => d < 0))
    throw malformed(document, tensor, `sizes of 0 or more expected for tensor '${tensor.name ?? ''}', got [${shape}]`);
  if (signature && (signature.some((d) => d < -1) || (shape.length > 0 && signature.length !== shape.length)))
    throw malformed(
      document,
      tensor,
      `a shape signature for [${shape}] expected for tensor '${tensor.name ?? ''}', got [${signature}]`,
    );
}

/** What the IR's one shape does not say: sizes other than 1 at unknown axes, the signature of a constant. */
function shapeExtra(shape: Shape, signature: Shape | undefined, isConstant: boolean): TfliteValueExtra {
  if (!signature) return {};
  const same = (a: Shape, b: Shape) => a.length === b.length && a.every((d, i) => d === b[i]);
  if (isConstant) return same(signature, shape) ? {} : { signature };
  const usual = signature.map((d) => (d < 0 ? 1 : d));
  return same(usual, shape) ? {} : { fixedShape: shape };
}

function readQuantization(document: TfliteDocument, tensor: Tensor, value: Value, values: readonly Value[]): void {
  const table = tensor.quantization;
  if (!table) return;
  const scale = table.scale ?? [];
  const { min, max } = table;
  const axis = table.quantizedDimension;
  const range = { ...(min?.length ? { min } : {}), ...(max?.length ? { max } : {}) };
  if (scale.length === 0 && !table.details) {
    const extra: TfliteValueExtra = { ...value.extra, range: { ...range, axis } };
    if (min?.length || max?.length || axis !== 0) value.extra = extra;
    return;
  }
  const zeroPoint = table.zeroPoint ? table.zeroPoint.map(Number) : scale.map(() => 0);
  if (zeroPoint.length !== scale.length || !zeroPoint.every(Number.isSafeInteger))
    throw malformed(
      document,
      table,
      `${scale.length} zero points expected for tensor '${value.name}', got ${zeroPoint.length}`,
    );
  const slices = value.shape?.[axis] ?? 0;
  if (scale.length > 1 && slices >= 0 && scale.length !== slices)
    throw malformed(
      document,
      table,
      `1 or ${slices} scales expected for tensor '${value.name}' along axis ${axis}, got ${scale.length}`,
    );
  const details = table.details && readDetails(document, table, values);
  const extra: TfliteQuantizationExtra = { ...unknownOf(table), ...range, ...(details ? { details } : {}) };
  const quantization: Quantization = { scale: Float32Array.from(scale), zeroPoint, axis };
  value.quantization = Reflect.ownKeys(extra).length > 0 ? { ...quantization, extra } : quantization;
}

function readDetails(
  document: TfliteDocument,
  table: QuantizationParameters,
  values: readonly Value[],
): QuantizationDetails {
  const details = table.details as NonNullable<typeof table.details>;
  if (details.type === 'CustomQuantization') return details;
  const { type, value } = details;
  const at = (index: number) => {
    if (index === -1) return undefined;
    const found = values[index];
    if (!found) throw malformed(document, value, `a tensor below ${values.length} expected as scales, got ${index}`);
    return found;
  };
  const common = { scales: at(value.scales), zeroPoints: at(value.zeroPoints), blockSize: value.blockSize };
  return type === 'BlockwiseQuantization'
    ? { type, ...common }
    : { type, ...common, quantizedDimensions: value.quantizedDimensions ?? [] };
}
