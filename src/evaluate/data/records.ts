import { crc32c, maskCrc } from '../../bytes/crc32c.js';
import { messageDecoder } from '../../bytes/protobuf.js';
import type { ByteSource, FileTree } from '../../bytes/source.js';
import { fitTensor } from '../../data/fit-tensor.js';
import { inputTensor } from '../../data/input-tensor.js';
import { ModelError } from '../../errors.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Label } from '../metrics/types.js';
import { onlyInput } from './only-input.js';
import { openFile } from './open-file.js';
import { applySteps, fileTensor, hasSteps } from './preprocess.js';
import type { DataSource, DataSpec } from './spec.js';
import type { Dataset } from './types.js';

/** Length, checksum of the length, bytes, checksum of the bytes. */
const HEAD = 12;
const FOOT = 4;

/** As much of `tf.train.Example` as holds data. Source: TensorFlow `example.proto`, `feature.proto`. */
interface Messages {
  Example: { readonly features?: Messages['Features'] };
  Features: { readonly feature: ReadonlyMap<string, Messages['Feature']> };
  Feature: {
    readonly bytesList?: Messages['BytesList'];
    readonly floatList?: Messages['FloatList'];
    readonly int64List?: Messages['Int64List'];
  };
  BytesList: { readonly value: readonly Uint8Array[] };
  FloatList: { readonly value: readonly number[] };
  Int64List: { readonly value: readonly (number | bigint)[] };
}
const decode = messageDecoder<Messages>({
  Example: '1 features Features',
  Features: '1 feature Feature%string',
  Feature: '1 bytesList BytesList, 2 floatList FloatList, 3 int64List Int64List',
  BytesList: '1 value bytes*',
  FloatList: '1 value float*',
  Int64List: '1 value int64*',
});

/** Samples in the records of a TFRecord file: one feature is the input, an image or numbers, another the label. */
export function openRecords(
  tree: FileTree,
  { file: path, input, label, shape }: Extract<DataSource, { kind: 'tfrecord' }>,
  { preprocess, classes }: DataSpec,
): Dataset {
  const file = openFile(tree, path);
  const places = placesOf(file, path);
  const featureOf = (features: ReadonlyMap<string, Messages['Feature']>, name: string, where: string) => {
    const feature = features.get(name);
    if (feature) return feature;
    const names = [...features.keys()].slice(0, 20).join(', ');
    throw new ModelError('not-found', `a feature '${name}' expected, it has ${names || 'none'}.`, { where });
  };
  return {
    size: places.length,
    ...(classes && { classes }),
    async sample(index, wanted) {
      const where = `${path} record ${index}`;
      const bytes = recordAt(file, places[index] as Place, where);
      const { features } = decode('Example', bytes, { name: where, byteOffset: bytes.byteOffset });
      const all = features?.feature ?? new Map();
      const facts = onlyInput(wanted, where);
      const feature = featureOf(all, input, where);
      const image = feature.bytesList?.value[0];
      const tensor = !image
        ? fitTensor(applySteps(numbersTensor(feature, shape, where), preprocess), facts, where)
        : hasSteps(preprocess)
          ? fitTensor(await fileTensor(image, preprocess, facts, where), facts, where)
          : await inputTensor(image, facts, where);
      return {
        name: where,
        inputs: { [facts.name]: tensor },
        label: labelOf(featureOf(all, label, where), classes, where),
      };
    },
  };
}

function numbersTensor(
  { floatList, int64List }: Messages['Feature'],
  shape: readonly number[] | undefined,
  where: string,
): Tensor {
  const data = Float32Array.from(floatList?.value ?? int64List?.value ?? [], Number);
  const sizes = shape ?? [data.length];
  const count = sizes.reduce((n, d) => n * d, 1);
  if (count !== data.length)
    throw new ModelError('invalid-data', `${count} numbers expected for [${sizes}], got ${data.length}.`, { where });
  return { dtype: 'f32', shape: sizes, data };
}

function labelOf(
  { bytesList, floatList, int64List }: Messages['Feature'],
  classes: readonly string[] | undefined,
  where: string,
): Label {
  const text = bytesList?.value[0];
  if (text) {
    const name = new TextDecoder().decode(text);
    const index = classes?.indexOf(name) ?? -1;
    return index >= 0 ? index : name;
  }
  const numbers = floatList?.value ?? int64List?.value ?? [];
  if (numbers.length === 0) throw new ModelError('invalid-data', 'a label expected, the feature is empty.', { where });
  return numbers.length === 1
    ? Number(numbers[0])
    : { dtype: 'f32', shape: [numbers.length], data: Float32Array.from(numbers, Number) };
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Where the records are. @throws {ModelError} `malformed-file` with the offset. */
function placesOf(file: ByteSource, where: string): Place[] {
  const places: Place[] = [];
  for (let at = 0; at < file.size; ) {
    const damaged = (what: string) =>
      new ModelError('malformed-file', `a TFRecord expected, ${what}. The file may be incomplete or compressed.`, {
        where: `${where} @0x${at.toString(16)}`,
      });
    if (at + HEAD > file.size) throw damaged('its head is cut off');
    const head = file.read(at, HEAD);
    const view = new DataView(head.buffer, head.byteOffset, HEAD);
    if (maskCrc(crc32c(head.subarray(0, 8))) !== view.getUint32(8, true))
      throw damaged('the checksum of its length is wrong');
    const length = Number(view.getBigUint64(0, true));
    if (at + HEAD + length + FOOT > file.size) throw damaged(`its ${length} bytes are cut off`);
    places.push({ offset: at + HEAD, length });
    at += HEAD + length + FOOT;
  }
  return places;
}

function recordAt(file: ByteSource, { offset, length }: Place, where: string): Uint8Array {
  const bytes = file.read(offset, length + FOOT);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (maskCrc(crc32c(bytes.subarray(0, length))) !== view.getUint32(length, true))
    throw new ModelError('malformed-file', 'the checksum of the record is wrong. The file is damaged.', { where });
  return bytes.subarray(0, length);
}
