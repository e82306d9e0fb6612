import { ModelError } from '../../src/errors.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { load } from '../../src/load.js';
import type { RunnableModel, SignatureFacts } from '../../src/runtime/api.js';

/** A model that is ready to run, and the signature that is run. */
export interface Loaded {
  readonly model: RunnableModel;
  readonly signature: SignatureFacts;
}

/** Loads a `.tflite` file. @throws {ModelError} when it does not run here. */
export const loaded = async (file: Blob): Promise<Loaded> =>
  ready(await load(new Uint8Array(await file.arrayBuffer())));

/** A model with the signature that comes first. @throws {ModelError} `unsupported` when it has none. */
export function ready(model: RunnableModel): Loaded {
  const signature = model.signatures[0];
  if (!signature) throw new ModelError('unsupported', 'the model has no inputs and outputs to run it by.');
  return { model, signature };
}

/** Outputs of one run from the first state, by name. */
export function outputsOf(
  { model, signature }: Loaded,
  inputs: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  model.reset();
  return model.run(inputs, { signature: signature.key });
}
