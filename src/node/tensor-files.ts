import type { Wanted } from '../data/fit-tensor.js';
import { type InputOptions, inputTensor } from '../data/input-tensor.js';
import { writeNpy } from '../data/npy-tensor.js';
import type { Tensor } from '../ir/tensor.js';
import { openFile, writeFileAtomically } from './files.js';

/** The tensor for an input from a `.npy`, `.npz`, PNG, JPEG or WAV file. Throws what {@link inputTensor} throws. */
export async function readInputFile(path: string, wanted: Wanted, options?: InputOptions): Promise<Tensor> {
  const file = openFile(path);
  return inputTensor(file.read(0, file.size), wanted, path, options);
}

/** Writes a tensor as a `.npy` file, to a temporary name that is renamed at the end. Gives the bytes written. */
export const writeNpyFile = (path: string, tensor: Tensor): number => writeFileAtomically(path, writeNpy(tensor));
