import { type FileTree, memoryTree } from '../../../bytes/source.js';

/** A weight of a model under test: its entry in the manifest, and its bytes. */
export interface TestWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bytes: Uint8Array;
  readonly quantization?: object;
}

/** A node as a `model.json` has it. */
export const node = (name: string, op: string, input: readonly string[] = [], attr: object = {}) => ({
  name,
  op,
  input,
  attr,
});

export const float = { T: { type: 'DT_FLOAT' } };
export const strings = (...list: string[]) => ({ list: { s: list.map((s) => btoa(s)) } });
export const ints = (...list: number[]) => ({ list: { i: list.map(String) } });
export const dims = (...list: number[]) => ({ dim: list.map((d) => ({ size: String(d) })) });

export const placeholder = (name: string, shape: readonly number[], type = 'DT_FLOAT') =>
  node(name, 'Placeholder', [], { dtype: { type }, shape: { shape: dims(...shape) } });
export const constant = (name: string, type = 'DT_FLOAT') =>
  node(name, 'Const', [], { dtype: { type }, value: { tensor: { dtype: type, tensorShape: {} } } });

export const floats = (...list: number[]): Uint8Array => new Uint8Array(Float32Array.from(list).buffer);

/** The files of a graph model; its weights are cut into shards of `shard` bytes. */
export function modelFiles(
  nodes: readonly object[],
  weights: readonly TestWeight[],
  more: object = {},
  shard = 1 << 20,
): Record<string, Uint8Array> {
  const all = Uint8Array.from(weights.flatMap((w) => [...w.bytes]));
  const count = Math.ceil(all.length / shard);
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const json = {
    format: 'graph-model',
    modelTopology: { node: nodes, library: {}, versions: {} },
    weightsManifest: [{ paths, weights: weights.map(({ bytes, ...entry }) => entry) }],
    ...more,
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(json)),
    ...Object.fromEntries(paths.map((p, i) => [p, all.slice(i * shard, (i + 1) * shard)])),
  };
}

export const modelTree = (...parts: Parameters<typeof modelFiles>): FileTree => memoryTree(modelFiles(...parts));
