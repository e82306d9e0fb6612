import type { Hdf5Array } from '../../bytes/hdf5.js';
import type { JsonObject } from './json.js';
import type { NamedArray } from './weights.js';

/** The name of a factor: `dense/lora_kernel_a`. */
const FACTOR = /^(.*\/)?lora_(\w+?)_([ab])(:0)?$/;

/**
 * The arrays of a layer in the order in which Keras lists them. Low-rank updates, whose factors `.h5` files keep beside
 * weights that are no longer trained, and hence listed last, are added to them: `weights + alpha / rank * a b`.
 */
export function withoutLora(arrays: readonly NamedArray[], config: JsonObject): readonly Hdf5Array[] {
  const firsts = arrays.filter(({ name }) => FACTOR.exec(name)?.[3] === 'a');
  if (firsts.length === 0) return arrays.map(({ array }) => array);
  const named = new Map(arrays.map(({ name, array }) => [name.replace(/:0$/, ''), array]));
  const merged = new Map<string, Hdf5Array>();
  for (const { name, array: a } of firsts) {
    const [, folder = '', weight = ''] = FACTOR.exec(name) ?? [];
    const [kernel, b] = [named.get(`${folder}${weight}`), named.get(`${folder}lora_${weight}_b`)];
    if (kernel && b) merged.set(`${folder}${weight}`, sum(kernel, a, b, config));
  }
  const rest = [...named].filter(([name]) => !FACTOR.test(name) && !merged.has(name));
  const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);
  const folders = new Set([...named.keys()].map(folderOf));
  return [...folders].flatMap((folder) =>
    [...merged, ...rest].filter(([name]) => folderOf(name) === folder).map(([, array]) => array),
  );
}

/** `kernel` `[.., O]` and the product of `a` `[.., R]` and `b` `[R, O]`. */
function sum(kernel: Hdf5Array, a: Hdf5Array, b: Hdf5Array, config: JsonObject): Hdf5Array {
  const rank = b.shape[0] ?? 1;
  const alpha = typeof config.lora_alpha === 'number' ? config.lora_alpha : rank;
  const read = (): Float32Array => {
    const [left, right] = [a.read(), b.read()];
    const outputs = b.shape[1] ?? 1;
    return Float32Array.from(kernel.read() as Float32Array, (weight, i) => {
      const row = Math.floor(i / outputs) * rank;
      let product = 0;
      for (let r = 0; r < rank; r++) product += Number(left[row + r]) * Number(right[r * outputs + (i % outputs)]);
      return weight + (alpha / rank) * product;
    });
  };
  return { shape: kernel.shape, type: 'float32', read };
}
