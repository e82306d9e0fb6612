import { expect, it } from 'vitest';
import { readModel } from '../../index.js';
import { type Fetch, fetchTfjs } from './fetch.js';
import { constant, float, floats, modelFiles, node, placeholder } from './testing.js';

const nodes = [placeholder('x', [1, 2]), constant('w'), node('y', 'AddV2', ['x', 'w'], float)];
const files = modelFiles(nodes, [{ name: 'w', shape: [2], dtype: 'float32', bytes: floats(1, 2) }], {}, 4);

it('loads a model and its shards from beside it', async () => {
  const asked: string[] = [];
  const server: Fetch = async (url) => {
    asked.push(url);
    const bytes = files[new URL(url).pathname.split('/').at(-1) as string];
    return {
      ok: bytes !== undefined,
      status: bytes ? 200 : 404,
      arrayBuffer: async () => bytes?.slice().buffer as ArrayBuffer,
    };
  };
  const tree = await fetchTfjs('https://example.org/m/model.json?key=1', server);
  expect(asked).toEqual(
    ['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin'].map((f) => `https://example.org/m/${f}?key=1`),
  );
  expect(readModel(tree).graphs).toHaveLength(1);
  await expect(fetchTfjs('https://example.org/none.json', server)).rejects.toThrow(/the server answered 404/);
});
