import type { InputOptions } from '../data/input-tensor.js';
import { randomTensor } from '../data/random-tensor.js';
import { didYouMean } from '../ir/nearest-name.js';
import { isStatic, type Shape, type Tensor } from '../ir/tensor.js';
import { readInputFile } from '../node/tensor-files.js';
import type { RunnableModel, SignatureFacts, TensorFacts } from '../runtime/api.js';
import { UsageError } from './usage.js';

/** A tensor for every input, and where each comes from: a file's path, or `random`. */
export interface ModelInputs {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly sources: Readonly<Record<string, string>>;
}

/**
 * The tensors for a signature from `NAME=FILE` arguments; what has no file is random when there is a seed.
 * @throws {UsageError} for an input that is not the model's, or one that nobody gives.
 */
export async function readInputs(
  { inputs, key }: SignatureFacts,
  files: readonly string[],
  options: InputOptions & { readonly seed?: number },
): Promise<ModelInputs> {
  const paths = pathsByName(inputs, files);
  const tensors: Record<string, Tensor> = {};
  const sources: Record<string, string> = {};
  for (const wanted of inputs) {
    const path = paths.get(wanted.name);
    if (path === undefined && options.seed === undefined)
      throw new UsageError(
        `input '${wanted.name}' of '${key}' is missing. Give --input ${wanted.name}=FILE, or --seed 1 for random data.`,
      );
    tensors[wanted.name] =
      path === undefined ? randomTensor(wanted, options.seed ?? 0) : await readInputFile(path, wanted, options);
    sources[wanted.name] = path ?? 'random';
  }
  return { tensors, sources };
}

/** Tells the model the sizes that it left open. */
export function resizeTo(model: RunnableModel, signature: SignatureFacts, tensors: ModelInputs['tensors']): void {
  const open = signature.inputs.filter((f) => f.isUnranked || !isStatic(f.shape));
  const shapes = open.map(({ name }): [string, Shape] => [name, tensors[name]?.shape ?? []]);
  if (shapes.length > 0) model.resize(Object.fromEntries(shapes), signature.key);
}

/** `NAME=FILE` -> FILE by NAME; a lone input needs no name. Both names and paths may hold `=`. */
function pathsByName(inputs: readonly TensorFacts[], files: readonly string[]): Map<string, string> {
  const names = inputs.map((f) => f.name);
  const paths = new Map<string, string>();
  for (const file of files) {
    const named = names.filter((n) => file.startsWith(`${n}=`)).sort((a, b) => b.length - a.length)[0];
    const name = named ?? (names.length === 1 && !file.includes('=') ? names[0] : undefined);
    if (name === undefined) throw new UsageError(`--input ${file}: ${unknownInput(file, names)}`);
    if (paths.has(name)) throw new UsageError(`--input ${file}: '${name}' is given twice.`);
    paths.set(name, named === undefined ? file : file.slice(named.length + 1));
  }
  return paths;
}

function unknownInput(file: string, names: readonly string[]): string {
  if (names.length === 0) return 'the model has no inputs.';
  const list = names.map((n) => `'${n}'`).join(', ');
  return `NAME=FILE expected; the inputs are ${list}.${file.includes('=') ? didYouMean(file.slice(0, file.indexOf('=')), names) : ''}`;
}
