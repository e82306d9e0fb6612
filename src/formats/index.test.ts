import { describe, expect, it } from 'vitest';
import { bytesSource, memoryTree } from '../bytes/source.js';
import { readModel } from './index.js';
import { messageBytes } from './tensorflow/read/testing.js';

describe('signatures nobody asks for', () => {
  const port = (kind: string, name: string, tensor: string) =>
    `${kind} { key: "${name}" value { name: "${tensor}:0" dtype: DT_FLOAT tensor_shape { dim { size: 4 } } } }`;
  const signature = (key: string, output: string) =>
    `signature_def { key: "${key}" value { ${port('inputs', 'in', 'x')} ${port('outputs', 'out', output)} } }`;
  const node = (name: string, op: string, input = '') =>
    `node { name: "${name}" op: "${op}" ${input} attr { key: "${input ? 'T' : 'dtype'}" value { type: DT_FLOAT } } }`;
  const model = memoryTree({
    'saved_model.pb': messageBytes(
      'SavedModel',
      `saved_model_schema_version: 1 meta_graphs { meta_info_def { tags: "serve" }
       graph_def { ${node('x', 'Placeholder')} ${node('y', 'Relu', 'input: "x"')} ${node('z', 'Betainc', 'input: "x"')} }
       ${signature('good', 'y')} ${signature('bad', 'z')} }`,
    ),
  });

  it('are left out with a warning when they cannot be converted and others can', () => {
    const warnings: string[] = [];
    const { signatures } = readModel(model, { onWarning: (text) => warnings.push(text) });
    expect(signatures.map((s) => s.key)).toEqual(['good']);
    expect(warnings).toEqual(['left out, for they cannot be converted: signatures bad. Name one to see why.']);
  });

  it('are an error when they are asked for', () => {
    expect(() => readModel(model, { signatures: 'all' })).toThrow(/Betainc/);
    expect(() => readModel(model, { signatures: ['bad'] })).toThrow(/Betainc/);
  });
});

describe('a SavedModel of other tags', () => {
  const graph = (tags: readonly string[]) => `meta_graphs {
    meta_info_def { ${tags.map((tag) => `tags: "${tag}"`).join(' ')} }
    graph_def { node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
                node { name: "y" op: "Relu" input: "x" attr { key: "T" value { type: DT_FLOAT } } } }
    signature_def { key: "serving_default" value {
      inputs { key: "in" value { name: "x:0" dtype: DT_FLOAT tensor_shape { dim { size: 4 } } } }
      outputs { key: "${tags.join('+') || 'none'}" value { name: "y:0" dtype: DT_FLOAT } } } } }`;
  const read = (...graphs: (readonly string[])[]) => {
    const bytes = messageBytes('SavedModel', `saved_model_schema_version: 1 ${graphs.map(graph).join('\n')}`);
    return readModel(memoryTree({ 'saved_model.pb': bytes })).signatures[0]?.outputs[0]?.name;
  };

  it('is read when there is one graph, or one for serving', () => {
    expect(read([])).toBe('none');
    expect(read(['train'])).toBe('train');
    expect(read(['train'], ['serve', 'gpu'])).toBe('serve+gpu');
    expect(read(['serve', 'gpu'], ['serve'])).toBe('serve');
  });

  it('is refused when nobody can tell which graph is meant', () => {
    expect(() => read(['serve', 'gpu'], ['serve', 'tpu'])).toThrow(
      'a graph with tags [serve] expected, the file has: [serve, gpu] [serve, tpu].',
    );
  });
});

describe('a file that is no model', () => {
  const text = (s: string) => new TextEncoder().encode(s);

  it('is said to be empty, or a web page', () => {
    expect(() => readModel(bytesSource(text(''), 'm.keras'))).toThrow('this is an empty file');
    expect(() => readModel(bytesSource(text('<!DOCTYPE html>'), 'm.h5'))).toThrow('this is a web page or XML');
  });
});
