import url from '../../models/mnist_cnn/mnist_cnn.h5?url';
import type { PickedFile } from '../protocol.js';

/** The bundled net that reads digits. */
export const sampleName = 'mnist_cnn.h5';

/** Its file. @throws {Error} when it cannot be fetched. */
export async function sampleModel(): Promise<PickedFile[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The sample model cannot be fetched (${response.status}).`);
  return [{ path: sampleName, file: new File([await response.blob()], sampleName) }];
}
