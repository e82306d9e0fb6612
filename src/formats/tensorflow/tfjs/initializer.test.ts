import { describe, expect, it } from 'vitest';
import { load } from '../../../load.js';
import { readModel, writeModel } from '../../index.js';
import { constant, dims, modelTree, node, placeholder } from './testing.js';

const int32 = { type: 'DT_INT32' };
const table = (name: string) => node(name, 'HashTableV2', [], { key_dtype: int32, value_dtype: int32 });
const weight = (name: string, ...values: number[]) => ({
  name,
  shape: values.length === 1 ? [] : [values.length],
  dtype: 'int32',
  bytes: new Uint8Array(Int32Array.from(values).buffer),
});
const weights = [weight('keys', 5, 7), weight('values', 50, 70), weight('missing', -1)];

/** What fills the table `handle`. */
const filling = (handle: string) => [
  constant('keys', 'DT_INT32'),
  constant('values', 'DT_INT32'),
  node('fill', 'LookupTableImportV2', [handle, 'keys', 'values'], { Tin: int32, Tout: int32 }),
];
const lookup = (handle: object) => [
  placeholder('x', [3], 'DT_INT32'),
  handle,
  constant('missing', 'DT_INT32'),
  node('y', 'LookupTableFindV2', ['table', 'x', 'missing'], { Tin: int32, Tout: int32 }),
];
const port = (name: string, more: object = {}) => ({ name, dtype: 'DT_INT32', tensorShape: dims(3), ...more });

async function run(nodes: readonly object[], more: object): Promise<ArrayLike<unknown> | undefined> {
  const model = await load(writeModel(readModel(modelTree(nodes, weights, more))));
  expect(model.signatures[0]?.inputs.map((i) => i.name)).toEqual(['x']);
  return model.run([Int32Array.of(7, 6, 5)]).y?.data;
}

describe('a lookup table that the initializer of a model fills', () => {
  it('is that of the same name', async () => {
    const modelInitializer = { node: [table('table'), ...filling('table')] };
    const signature = { inputs: { x: port('x') }, outputs: { y: port('y') } };
    expect(await run(lookup(table('table')), { modelInitializer, signature })).toEqual(Int32Array.of(70, -1, 50));
  });

  it('is the input that has its resource', async () => {
    const resource = { name: 'table', dtype: 'DT_RESOURCE', resourceId: 3 };
    const signature = { inputs: { x: port('x'), unused: resource }, outputs: { y: port('y') } };
    const initializerSignature = { outputs: { filled: { ...resource, name: 'inner' } } };
    const modelInitializer = { node: [table('inner'), ...filling('inner')] };
    const handle = node('table', 'Placeholder', [], { dtype: { type: 'DT_RESOURCE' }, shape: { shape: {} } });
    const more = { modelInitializer, initializerSignature, signature };
    expect(await run(lookup(handle), more)).toEqual(Int32Array.of(70, -1, 50));
  });

  it('is none where the initializer is empty', async () => {
    const nodes = [placeholder('x', [3], 'DT_INT32'), node('y', 'Neg', ['x'], { T: int32 }), node('z', 'NoOp')];
    const more = { modelInitializer: {}, signature: { outputs: { y: port('y') } } };
    expect(await run(nodes, more)).toEqual(Int32Array.of(-7, -6, -5));
  });
});
