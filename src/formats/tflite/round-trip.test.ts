import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadLiteRt, type RawData } from '../../../test/oracle/litert.js';
import { bytesSource } from '../../bytes/source.js';
import type { Model } from '../../ir/graph.js';
import { readTflite, writeTflite, writeTfliteParts } from './index.js';
import { comparableTables, withTables } from './testing.js';

const directory = new URL('../../../test/fixtures/tflite/', import.meta.url);
const files = readdirSync(directory).filter((name) => name.endsWith('.tflite'));
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(name, directory)));
const read = (bytes: Uint8Array): Model => readTflite(bytesSource(bytes, 'file.tflite'));
const rewritten = (bytes: Uint8Array) => writeTflite(read(bytes));
const external = (bytes: Uint8Array) =>
  new Uint8Array(Buffer.concat([...writeTfliteParts(read(bytes), { mostInline: 0 })]));

describe('reading and writing', () => {
  it.each(files)('%s loses nothing', (name) => {
    expect(comparableTables(rewritten(fixture(name)))).toEqual(comparableTables(fixture(name)));
  });

  it.each(files)('%s gives the same bytes the second time', (name) => {
    const once = rewritten(fixture(name));
    expect(rewritten(once)).toEqual(once);
  });

  it.each(files)('%s does not grow', (name) => {
    expect(rewritten(fixture(name)).length).toBeLessThanOrEqual(fixture(name).length);
  });

  it.each(files)('%s loses nothing when its constants lie after the tables', (name) => {
    const bytes = external(fixture(name));
    const tables = comparableTables(bytes) as { metadata: { name: string }[] };
    const location = tables.metadata.pop();
    expect(location).toEqual({ name: 'buffer_location', buffer: btoa('outside flatbuffers') });
    const expected = { metadata: [], ...(comparableTables(fixture(name)) as object) };
    expect(tables).toEqual(expected);
    expect(rewritten(bytes)).toEqual(rewritten(fixture(name)));
  });
});

describe('what the schema says of old and unusual files survives', () => {
  const survives = (edit: Parameters<typeof withTables>[1], name = 'conv_float.tflite') => {
    const bytes = withTables(fixture(name), edit);
    expect(comparableTables(rewritten(bytes))).toEqual(comparableTables(bytes));
  };

  it('no ranks, and operators by their old codes only', () => {
    survives((m) => {
      for (const t of m.subgraphs?.[0]?.tensors ?? []) t.hasRank = false;
      for (const c of m.operatorCodes ?? []) c.builtinCode = 'ADD';
    });
  });

  it('tensors, buffers and metadata buffers that nothing refers to', () => {
    survives((m) => {
      m.subgraphs?.[0]?.tensors?.splice(2, 0);
      m.subgraphs?.[0]?.tensors?.push({
        type: 'INT16',
        shape: [3],
        buffer: 0,
        name: 'loose',
        isVariable: false,
        hasRank: true,
        externalBuffer: 0,
      });
      m.buffers?.push({ data: Uint8Array.of(1, 2, 3), offset: 0n, size: 0n });
      m.metadataBuffer = [(m.buffers?.length ?? 0) - 1];
    });
  });

  it('an unranked tensor, sizes in place of unknown ones, names given twice or not at all', () => {
    survives((m) => {
      const graph = m.subgraphs?.[0];
      const [a, b, c] = graph?.tensors ?? [];
      if (!graph || !a || !b || !c) throw new Error('a graph of three tensors expected');
      Object.assign(a, { shape: [4, 8, 8, 3], shapeSignature: [-1, 8, 8, 3] });
      b.name = c.name;
      delete c.name;
      graph.tensors?.push({
        type: 'VARIANT',
        buffer: 0,
        isVariable: false,
        hasRank: false,
        externalBuffer: 0,
        variantTensors: [{ shape: [2], type: 'FLOAT32', hasRank: true }],
      });
      delete graph.name;
    });
  });

  it('recorded ranges, external buffers, debug indices and versions that the rules would not give', () => {
    survives((m) => {
      const graph = m.subgraphs?.[0];
      const [tensor] = graph?.tensors ?? [];
      const [operator] = graph?.operators ?? [];
      if (!graph || !tensor || !operator) throw new Error('a graph expected');
      tensor.quantization = { min: [-1], max: [1], quantizedDimension: 0 };
      graph.tensors?.push({
        type: 'FLOAT32',
        shape: [2],
        buffer: 0,
        name: 'far',
        isVariable: false,
        hasRank: true,
        externalBuffer: 7,
      });
      m.externalBufferGroups = [{ name: 'weights.bin' }];
      m.externalBuffers = [{ id: 7, group: 0, offset: 16n, length: 8n, packing: 'raw' }];
      operator.debugMetadataIndex = 3;
      graph.debugMetadataIndex = 1;
      for (const c of m.operatorCodes ?? []) c.version = 4;
      delete m.description;
      m.version = 2;
    });
  });

  it('an operator without its options table, with another one, or with an output left out', () => {
    survives((m) => {
      const [first, second] = m.subgraphs?.[0]?.operators ?? [];
      if (!first || !second) throw new Error('two operators expected');
      delete first.builtinOptions;
      second.builtinOptions2 = { type: 'StablehloIotaOptions', value: { iotaDimension: 2n } };
      second.outputs = [...(second.outputs ?? []), -1];
    });
  });

  it('tags of old signatures, and signatures that name a tensor twice', () => {
    survives((m) => {
      const [signature] = m.signatureDefs ?? [];
      const [graph] = m.subgraphs ?? [];
      if (!signature?.outputs?.[0] || !graph?.outputs) throw new Error('a signature expected');
      signature.deprecatedTag = 'serve';
      graph.outputs.push(graph.outputs[0] as number);
      signature.outputs.push({ name: 'again', tensorIndex: signature.outputs[0].tensorIndex });
    });
  });
});

/** Inputs of every kind by a fixed pattern. */
function pattern(dtype: string, count: number): RawData {
  const numbers = Array.from({ length: count }, (_, i) => (i * 7) % 11);
  if (dtype === 'float32') return Float32Array.from(numbers, (n) => n / 5 - 1);
  if (dtype === 'int32') return Int32Array.from(numbers, (n) => n % 4);
  if (dtype === 'int8') return Int8Array.from(numbers, (n) => n * 5 - 20);
  throw new Error(`no pattern for ${dtype}`);
}

describe('the real runtime', () => {
  // It has no hash tables, no custom operators and no TensorFlow.
  const runnable = files.filter((name) => !/strings|custom|flex/.test(name));

  it.each(runnable)('gives the same outputs for %s before and after', async (name) => {
    const runtime = await loadLiteRt();
    const run = async (bytes: Uint8Array) => {
      const model = await runtime.load(bytes);
      const outputs = [];
      for (const { key, inputs } of model.signatures)
        outputs.push(
          await model.run(
            inputs.map(({ dtype, shape }) =>
              pattern(
                dtype,
                shape.reduce((n, d) => n * Math.abs(d), 1),
              ),
            ),
            key,
          ),
        );
      model.delete();
      return outputs;
    };
    const expected = await run(fixture(name));
    expect(await run(rewritten(fixture(name)))).toEqual(expected);
    expect(await run(external(fixture(name)))).toEqual(expected);
  });
});
